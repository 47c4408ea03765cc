using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Messaging.Breaker.Redis;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>Workers on one queue of a real broker. They use one dependency and share their breakers over a real Redis.</summary>
sealed class RedisFleet(RabbitMqNode broker, RedisNode redis, TimeSpan? breakDuration = null) : IAsyncDisposable
{
    readonly string _queue = $"fleet-{Guid.NewGuid():N}";
    readonly Dependencies _dependencies = new();
    readonly List<TestWorker> _workers = [];
    int _started;

    public Dependency Dependency => _dependencies.First;

    public IReadOnlyList<TestWorker> Workers => _workers;

    public static async Task<RedisFleet> StartAsync(RabbitMqNode broker, RedisNode redis, int workers, TimeSpan? breakDuration = null)
    {
        var fleet = new RedisFleet(broker, redis, breakDuration);
        for (var worker = 0; worker < workers; worker++)
            await fleet.AddAsync();
        return fleet;
    }

    public async Task<TestWorker> AddAsync()
    {
        var name = $"w{++_started}";
        var worker = await TestWorker.StartAsync(
            broker, breakDuration: breakDuration, fleet: new Fleet(_queue, _dependencies, breakers => breakers.ShareOverRedis(redis.Address, options =>
            {
                options.KeyPrefix = _queue;
                options.InstanceName = name;
                options.ProbeLease = TimeSpan.FromSeconds(1);
                options.StoreTimeout = TimeSpan.FromSeconds(2);
                options.StartupPatience = TimeSpan.FromSeconds(20);
            })));
        _workers.Add(worker);
        return worker;
    }

    public async Task RemoveAllAsync()
    {
        foreach (var worker in _workers)
            await worker.DisposeAsync();
        _workers.Clear();
    }

    public async Task UntilAllAsync(BreakerState state)
    {
        try
        {
            await Eventually.Is(() => _workers.All(worker => worker.Breaker.State == state), $"all breakers to be {state}");
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException(
                $"{exception.Message}; {string.Join("; ", _workers.Select(worker => (worker.Breaker.GetSnapshot(), worker.Endpoints.Endpoints[0])))}; "
                + $"{await broker.GetQueueAsync(_queue)}; {await ReadAsync()}",
                exception);
        }
    }

    public Task UntilOneProbesAsync() => Eventually.Is(
        () => string.Join(", ", _workers.Select(worker => worker.Breaker.State)),
        states => states.Split(", ").Count(one => one == nameof(BreakerState.HalfOpen)) == 1,
        "one worker to probe");

    public Task UntilSharedAsync(BreakerState state) => Eventually.Is(ReadAsync, shared => shared?.State == state, $"the fleet's state in Redis to be {state}");

    public async Task<SharedBreakerState?> ReadAsync()
    {
        await using var store = new RedisStateStore(
            RedisConfiguration.Read(redis.Address), new RedisSharingOptions { KeyPrefix = _queue }, TimeProvider.System);
        return (await store.ReadAsync(["first"], TestContext.Current.CancellationToken)).SingleOrDefault();
    }

    public async ValueTask DisposeAsync() => await RemoveAllAsync();
}
