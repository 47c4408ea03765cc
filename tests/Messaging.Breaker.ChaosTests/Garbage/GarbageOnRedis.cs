using StackExchange.Redis;

namespace Messaging.Breaker.ChaosTests.Garbage;

/// <summary>Writes nonsense into the fleet's keys and publishes it on the fleet's channel.</summary>
sealed class GarbageOnRedis(RedisNode redis, string prefix, int seed) : GarbagePeer
{
    // An operator would notice a peer that overwrites the state all the time. One that does it now and then is worse.
    const int SeldomStates = 40;

    readonly Nonsense _nonsense = new(seed);
    readonly string _prefix = $"{{{prefix}}}";
    ConnectionMultiplexer? _connection;

    protected override async Task TellAsync(CancellationToken cancellationToken)
    {
        _connection ??= await ConnectionMultiplexer.ConnectAsync($"{redis.Address},connectTimeout=1000").WaitAsync(cancellationToken);
        var database = _connection.GetDatabase();
        Task told = _nonsense.Number(5) switch
        {
            0 => database.PublishAsync(RedisChannel.Literal($"{_prefix}:changes"), _nonsense.NextAboutPayments()),
            1 => database.PublishAsync(RedisChannel.Literal($"{_prefix}:changes"), _nonsense.Next()),
            2 => database.HashSetAsync($"{_prefix}:instances", $"garbage-{_nonsense.Number(10)}", _nonsense.Next()),
            3 => database.StringSetAsync($"{_prefix}:lease:payments", "garbage"),
            _ when _nonsense.IsOneIn(SeldomStates) => database.HashSetAsync($"{_prefix}:states", "payments", $"2 0 {_nonsense.NextAboutPayments()}"),
            _ => database.HashSetAsync($"{_prefix}:states", $"made-up-{_nonsense.Number(10)}", _nonsense.Next()),
        };
        await told.WaitAsync(cancellationToken);
    }

    protected override async Task CloseAsync()
    {
        if (_connection is not null)
            await _connection.DisposeAsync();
        _connection = null;
    }
}
