using System.Globalization;
using System.Runtime.CompilerServices;
using StackExchange.Redis;

namespace Messaging.Breaker.Redis;

/// <summary>The state of a fleet in Redis. Every call is one script in one round trip.</summary>
sealed class RedisStateStore : IBreakerStateStore
{
    readonly Task<ConnectionMultiplexer> _connection;
    readonly string _address;
    readonly string _prefix;
    readonly long _expiry;
    readonly TimeProvider _time;
    readonly RedisKey _states;
    readonly RedisKey _instances;
    readonly RedisChannel _changes;

    /// <summary>Begins to connect, and does not wait for it.</summary>
    public RedisStateStore(ConfigurationOptions redis, RedisSharingOptions options, TimeProvider time)
    {
        _connection = ConnectionMultiplexer.ConnectAsync(redis);
        _address = string.Join(", ", redis.EndPoints);
        _time = time;
        _prefix = "{" + options.KeyPrefix + "}";
        _expiry = (long)options.StateExpiry.TotalMilliseconds;
        _states = $"{_prefix}:states";
        _instances = $"{_prefix}:instances";
        _changes = RedisChannel.Literal($"{_prefix}:changes");
    }

    public async Task<IReadOnlyList<SharedBreakerState>> ReadAsync(IReadOnlyCollection<string> breakers, CancellationToken cancellationToken)
    {
        if (breakers.Count == 0)
            return [];
        var found = await RunAsync(
            Scripts.Read, [_states], [_expiry, .. breakers.Select(breaker => (RedisValue)breaker)], cancellationToken).ConfigureAwait(false);
        return [.. ((RedisResult[])found!).Select(Held)];
    }

    public async Task<SharedBreakerState> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken)
    {
        var held = await RunAsync(
            Scripts.Change,
            [_states, LeaseOf(next.Breaker), _changes.ToString()],
            [_expiry, next.Breaker, next.Version, StateFormat.Write(next)],
            cancellationToken).ConfigureAwait(false);
        return held.Length > 0 ? Held(held) : next with { Version = 0 };
    }

    public async Task<bool> TryLeaseProbeAsync(
        string breaker, long version, string instance, TimeSpan length, CancellationToken cancellationToken) => (bool)await RunAsync(
            Scripts.Lease,
            [_states, LeaseOf(breaker)],
            [breaker, version, instance, (long)length.TotalMilliseconds],
            cancellationToken).ConfigureAwait(false);

    public async Task<FleetCensus> AnnounceAsync(
        string instance, IReadOnlyCollection<string> tripped, TimeSpan validFor, CancellationToken cancellationToken)
    {
        var living = (string[])(await RunAsync(
            Scripts.Announce,
            [_instances],
            [instance, (long)validFor.TotalMilliseconds, string.Join(' ', tripped)],
            cancellationToken).ConfigureAwait(false))!;
        var found = living.SelectMany(names => names.Split(' ', StringSplitOptions.RemoveEmptyEntries)).CountBy(name => name);
        return new FleetCensus(living.Length, found.ToDictionary());
    }

    public async IAsyncEnumerable<SharedBreakerState?> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var connection = await _connection.WaitAsync(cancellationToken).ConfigureAwait(false);
        var subscription = new Subscription(connection, _changes, _time);
        await using var _ = subscription.ConfigureAwait(false);
        await foreach (var state in subscription.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            yield return state;
    }

    public async ValueTask DisposeAsync()
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

    static SharedBreakerState Held(RedisResult held) =>
        StateFormat.Read((string)held[2]!) with { Age = TimeSpan.FromMilliseconds(Math.Max(0, double.Parse((string)held[1]!, CultureInfo.InvariantCulture))) };

    RedisKey LeaseOf(string breaker) => $"{_prefix}:lease:{breaker}";

    async Task<RedisResult> RunAsync(string script, RedisKey[] keys, RedisValue[] values, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await _connection.WaitAsync(cancellationToken).ConfigureAwait(false);
            return await connection.GetDatabase().ScriptEvaluateAsync(script, keys, values).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException)
        {
            // What StackExchange.Redis adds to its messages is a page of counters.
            throw new IOException($"Redis at {_address}: {exception.Message.Split(',', ';')[0]}", exception);
        }
    }
}
