using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace Messaging.Breaker.Redis;

/// <summary>The state of a fleet in Redis. Every call is one script in one round trip.</summary>
sealed class RedisStateStore : IBreakerStateStore, ISharedLedger
{
    const double LongestAge = 1e14;

    // A Redis script can unpack only some thousands of values.
    const int MostRead = 1_000;
    const int MostEntries = 200;

    /// <summary>The maximum size of an entry, in bytes.</summary>
    const int LongestEntry = 4 * 8_000;

    readonly Task<ConnectionMultiplexer> _connection;
    readonly string _address;
    readonly string _prefix;
    readonly long _expiry;
    readonly TimeProvider _time;
    readonly ILogger _log;
    readonly ConcurrentDictionary<string, bool> _doubted = new(StringComparer.OrdinalIgnoreCase);
    readonly RedisKey _states;
    readonly RedisKey _instances;
    readonly RedisChannel _changes;

    /// <summary>Begins to connect, without waiting for it.</summary>
    /// <param name="redis">The Redis.</param>
    /// <param name="options">The options, already checked.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Logs states that are not credible.</param>
    /// <param name="isVisitors">The caller is not a member, and leaves <see cref="RedisSharingOptions.StateExpiry"/> as the fleet has set
    /// it.</param>
    public RedisStateStore(ConfigurationOptions redis, RedisSharingOptions options, TimeProvider time, ILogger? log = null, bool isVisitors = false)
    {
        _log = log ?? NullLogger.Instance;
        _connection = ConnectionMultiplexer.ConnectAsync(redis);
        _address = string.Join(", ", redis.EndPoints);
        _time = time;
        _prefix = "{" + options.KeyPrefix + "}";
        _expiry = (isVisitors ? -1 : 1) * (long)options.StateExpiry.TotalMilliseconds;
        _states = $"{_prefix}:states";
        _instances = $"{_prefix}:instances";
        _changes = RedisChannel.Literal(redis.DefaultDatabase is > 0 and var database ? $"{_prefix}:changes:{database}" : $"{_prefix}:changes"); // Channels do not belong to a database.
    }

    public async Task<IReadOnlyList<SharedBreakerState>> ReadAsync(IReadOnlyCollection<string> breakers, CancellationToken cancellationToken)
    {
        if (breakers.Count == 0)
            return [];
        var states = new List<SharedBreakerState>();
        foreach (var names in breakers.Chunk(MostRead))
        {
            var found = await RunAsync(
                Scripts.Read, [_states], [_expiry, .. names.Select(breaker => (RedisValue)breaker)], cancellationToken).ConfigureAwait(false);
            states.AddRange(((RedisResult[])found!).Select((held, index) => Held(names[index], held)).OfType<SharedBreakerState>());
        }

        return states;
    }

    public async Task<SharedBreakerState> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken)
    {
        var held = await ChangeAsync(next, RedisValue.EmptyString, cancellationToken).ConfigureAwait(false);
        if (held.Length > 0 && Held(next.Breaker, held) is null && !StateFormat.IsOfLaterVersion((string?)held[2]))
        {
            // An unreadable state must not block changes for ever, but a later version's state has its readers. It is replaced only if it is
            // unchanged.
            held = await ChangeAsync(next, (RedisValue)held[3], cancellationToken).ConfigureAwait(false);
        }

        return held.Length > 0 ? Held(next.Breaker, held) ?? next with { Version = 0 } : next with { Version = 0 };
    }

    /// <summary>Which instances are alive; null if there never was one.</summary>
    public async Task<FleetPresence?> LookAsync(CancellationToken cancellationToken)
    {
        var found = (RedisResult[])(await RunAsync(Scripts.Look, [_states, _instances], [], cancellationToken).ConfigureAwait(false))!;
        var names = found.Skip(1).Select(name => (string)name!).Order(StringComparer.Ordinal).ToList();
        return (int)found[0] > 0 ? new FleetPresence(names.Count, names) : null;
    }

    /// <summary>What the fleet knows of every breaker.</summary>
    public async Task<IReadOnlyList<SharedBreakerState>> ReadAllAsync(CancellationToken cancellationToken) => await ReadAsync(
        (string[])(await RunAsync(Scripts.Names, [_states], [], cancellationToken).ConfigureAwait(false))!, cancellationToken).ConfigureAwait(false);

    public async Task<bool> TryLeaseProbeAsync(
        string breaker, long version, string instance, TimeSpan length, CancellationToken cancellationToken) => (bool)await RunAsync(
            Scripts.Lease,
            [_states, LeaseOf(breaker)],
            [breaker, version, instance, (long)length.TotalMilliseconds],
            cancellationToken).ConfigureAwait(false);

    public async Task<FleetMembership> AnnounceAsync(
        string instance, IReadOnlyCollection<string> tripped, TimeSpan validFor, CancellationToken cancellationToken)
    {
        var living = (string?[])(await RunAsync(
            Scripts.Announce,
            [_instances],
            [instance, (long)validFor.TotalMilliseconds, string.Join(' ', tripped)],
            cancellationToken).ConfigureAwait(false))!;
        var found = living.SelectMany(names => (names ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)).CountBy(name => name);
        return new FleetMembership(living.Length, found.ToDictionary());
    }

    public Task PutAsync(string list, string id, string text, CancellationToken cancellationToken) =>
        RunAsync(Scripts.Put, [ListOf(list)], [_expiry, id, text, MostEntries], cancellationToken);

    async Task<IReadOnlyList<SharedLedgerEntry>> ISharedLedger.ReadAsync(string list, CancellationToken cancellationToken)
    {
        var found = (string?[])(await RunAsync(Scripts.Entries, [ListOf(list)], [_expiry, MostEntries, LongestEntry], cancellationToken).ConfigureAwait(false))!;
        return
        [
            .. found.Chunk(3).Select(entry => new SharedLedgerEntry(
                entry[0] ?? "",
                entry[2] ?? "",
                TimeSpan.FromMilliseconds(double.TryParse(entry[1], CultureInfo.InvariantCulture, out var age) ? Math.Clamp(age, 0, LongestAge) : 0))),
        ];
    }

    public async IAsyncEnumerable<SharedBreakerState?> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var connection = await _connection.WaitAsync(cancellationToken).ConfigureAwait(false);
        var subscription = new Subscription(connection, _changes, _time);
        await using var _ = subscription.ConfigureAwait(false);
        await foreach (var state in subscription.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            yield return state;
    }

    /// <summary>A stop does not wait for a Redis that accepts the first connection and does not answer.</summary>
    public ValueTask DisposeAsync()
    {
        var closing = CloseAsync();
        return _connection.IsCompleted ? new ValueTask(closing) : ValueTask.CompletedTask;
    }

    /// <returns>Null for a useless value: it counts as missing.</returns>
    SharedBreakerState? Held(string breaker, RedisResult held)
    {
        if (held.Length < 4)
            return null;
        if (StateFormat.Read((string?)held[2]) is { } state
            && long.TryParse((string?)held[0], CultureInfo.InvariantCulture, out var version)
            && double.TryParse((string?)held[1], CultureInfo.InvariantCulture, out var age)
            && version == state.Version
            && string.Equals(state.Breaker, breaker, StringComparison.OrdinalIgnoreCase))
        {
            _doubted.TryRemove(breaker, out _);
            return state with { Age = TimeSpan.FromMilliseconds(Math.Clamp(age, 0, LongestAge)) };
        }

        if (_doubted.TryAdd(breaker, true))
            _log.SharedStateDoubted(breaker, "it is not a state");
        return null;
    }

    Task<RedisResult> ChangeAsync(SharedBreakerState next, RedisValue unreadable, CancellationToken cancellationToken) => RunAsync(
        Scripts.Change,
        [_states, LeaseOf(next.Breaker), _changes.ToString()],
        [_expiry, next.Breaker, next.Version, StateFormat.Write(next), unreadable],
        cancellationToken);

    async Task CloseAsync()
    {
        try
        {
            await (await _connection.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (RedisException)
        {
            // It was never connected.
        }
    }

    RedisKey LeaseOf(string breaker) => $"{_prefix}:lease:{breaker}";

    RedisKey ListOf(string list) => $"{_prefix}:ledger:{list}";

    async Task<RedisResult> RunAsync(string script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await _connection.WaitAsync(cancellationToken).ConfigureAwait(false);
            return await connection.GetDatabase().ScriptEvaluateAsync(script, keys, values).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException)
        {
            // StackExchange.Redis adds a page of counters to its messages.
            throw new IOException($"Redis at {_address}: {exception.Message.Split(',', ';')[0]}", exception);
        }
    }
}
