namespace Messaging.Breaker.Redis;

/// <summary>
/// The atomic steps in Redis, by its own clock. The states of all breakers are the fields of one hash, each "version since json", so that one
/// command reads them all, however many there are. A negative expiry is set only where there is none.
/// </summary>
static class Scripts
{
    const string Now = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local function split(held)
          local version, since, state = string.match(held, '^(%d+) (%d+) (.*)$')
          if not version then return { '0', '0', '', held } end
          return { version, string.format('%.0f', now - tonumber(since)), state, held }
        end
        local function keep(expiry)
          if tonumber(expiry) > 0 then redis.call('PEXPIRE', KEYS[1], expiry)
          elseif redis.call('PTTL', KEYS[1]) == -1 then redis.call('PEXPIRE', KEYS[1], -expiry) end
        end

        """;

    /// <summary>KEYS states; ARGV expiry, breakers. Returns version, age and state of each, or nothing for an unknown one.</summary>
    public const string Read = Now + """
        keep(ARGV[1])
        local found = {}
        for _, held in ipairs(redis.call('HMGET', KEYS[1], unpack(ARGV, 2))) do
          found[#found + 1] = held and split(held) or {}
        end
        return found
        """;

    /// <summary>
    /// KEYS states, lease, channel; ARGV expiry, breaker, version, state, and the current value if it cannot be read. Returns version, age,
    /// state and the raw value of the current state, or nothing.
    /// </summary>
    public const string Change = Now + """
        local held = redis.call('HGET', KEYS[1], ARGV[2])
        local found = held and split(held)
        local version = tonumber(found and found[1] or 0)
        local follows = version == ARGV[3] - 1 or ARGV[3] == '1' and version == 4503599627370495
        if not follows and held ~= ARGV[5] then return found or {} end
        redis.call('HSET', KEYS[1], ARGV[2], ARGV[3] .. ' ' .. string.format('%.0f', now) .. ' ' .. ARGV[4])
        keep(ARGV[1])
        redis.call('DEL', KEYS[2])
        redis.call('PUBLISH', KEYS[3], ARGV[4])
        return { ARGV[3], '0', ARGV[4], '' }
        """;

    /// <summary>
    /// KEYS states, lease; ARGV breaker, version, instance, length. Returns 1 or 0. A lease without an end, or with one beyond the longest that
    /// the options allow, counts as not taken.
    /// </summary>
    public const string Lease = """
        local held = redis.call('HGET', KEYS[1], ARGV[1])
        if not held or string.match(held, '^%d+') ~= ARGV[2] then return 0 end
        local holder, left = redis.call('GET', KEYS[2]), redis.call('PTTL', KEYS[2])
        if holder and holder ~= ARGV[3] and left > 0 and left <= 300000 then return 0 end
        redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
        return 1
        """;

    /// <summary>
    /// KEYS living; ARGV instance, length, tripped breakers in one string. Returns how many instances are alive, and their strings. No instance
    /// counts as alive for longer than three of the longest heartbeat intervals that the options allow.
    /// </summary>
    public const string Announce = Now + """
        redis.call('HSET', KEYS[1], ARGV[1], '0 ' .. string.format('%.0f', now + ARGV[2]) .. ' ' .. ARGV[3])
        if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        local all, found = redis.call('HGETALL', KEYS[1]), {}
        for i = 1, #all, 2 do
          local living = split(all[i + 1])
          local left = -tonumber(living[2])
          if left > 0 and left <= 900000 then found[#found + 1] = living[3]
          else redis.call('HDEL', KEYS[1], all[i]) end
        end
        return found
        """;

    /// <summary>
    /// KEYS list; ARGV expiry, id, text, most. Each entry is "since text". Beyond the maximum, invalid entries are removed first, and then the
    /// oldest.
    /// </summary>
    public const string Put = Now + """
        redis.call('HSET', KEYS[1], ARGV[2], string.format('%.0f', now) .. ' ' .. ARGV[3])
        keep(ARGV[1])
        local surplus = redis.call('HLEN', KEYS[1]) - ARGV[4]
        if surplus <= 0 then return end
        local all, ages = redis.call('HGETALL', KEYS[1]), {}
        for i = 1, #all, 2 do ages[#ages + 1] = { all[i], tonumber(string.match(all[i + 1], '^(%d+) ')) or 0 } end
        table.sort(ages, function(one, other) return one[2] < other[2] end)
        for i = 1, surplus do redis.call('HDEL', KEYS[1], ages[i][1]) end
        """;

    /// <summary>KEYS list; ARGV expiry, most, longest in bytes. Returns id, age and text of each entry in turn.</summary>
    public const string Entries = Now + """
        keep(ARGV[1])
        local found = {}
        for _, id in ipairs(redis.call('HKEYS', KEYS[1])) do
          if #found < 3 * ARGV[2] and redis.call('HSTRLEN', KEYS[1], id) <= tonumber(ARGV[3]) then
            local since, text = string.match(redis.call('HGET', KEYS[1], id), '^(%d+) (.*)$')
            if since then
              found[#found + 1] = id
              found[#found + 1] = string.format('%.0f', now - tonumber(since))
              found[#found + 1] = text
            end
          end
        end
        return found
        """;

    /// <summary>KEYS states, living. Returns whether there was ever a fleet, and the live instances.</summary>
    public const string Look = Now + """
        local found = { redis.call('EXISTS', KEYS[1], KEYS[2]) }
        local all = redis.call('HGETALL', KEYS[2])
        for i = 1, #all, 2 do
          local left = -tonumber(split(all[i + 1])[2])
          if left > 0 and left <= 900000 then found[#found + 1] = all[i] end
        end
        return found
        """;

    /// <summary>KEYS states. Returns the names of all breakers.</summary>
    public const string Names = "return redis.call('HKEYS', KEYS[1])";
}
