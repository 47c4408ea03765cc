using System.Diagnostics;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>Workers on one queue of a real broker. An operator pauses that queue for all of them.</summary>
sealed class HoldFleet(RabbitMqNode broker, Action<MessagingBreakerBuilder, string, string> share) : IAsyncDisposable
{
    readonly Dependencies _dependencies = new();
    readonly List<TestWorker> _workers = [];
    int _started;

    public string Queue { get; } = $"fleet-{Guid.NewGuid():N}";

    public Dependency Dependency => _dependencies.First;

    public IReadOnlyList<TestWorker> Workers => _workers;

    public static HoldFleet OverBus(RabbitMqNode broker) => new(broker, (breakers, prefix, name) => breakers.ShareOverBus(options =>
    {
        options.Address = broker.AmqpAddress;
        options.Prefix = prefix;
        Set(options, name);
    }));

    public static HoldFleet OverRedis(RabbitMqNode broker, RedisNode redis) => new(broker, (breakers, prefix, name) => breakers.ShareOverRedis(redis.Address, options =>
    {
        options.KeyPrefix = prefix;
        Set(options, name);
    }));

    /// <summary>Workers that share no state.</summary>
    public static HoldFleet OfStrangers(RabbitMqNode broker) => new(broker, (_, _, _) => { });

    public async Task<TestWorker> AddAsync(int workers = 1)
    {
        for (; workers > 0; workers--)
            await AddAsync(_ => _ => { });
        return _workers[^1];
    }

    /// <param name="services">Additional services for the worker of that name.</param>
    public async Task<TestWorker> AddAsync(Func<string, Action<IServiceCollection>> services)
    {
        var name = $"w{++_started}";
        _workers.Add(await TestWorker.StartAsync(
            broker, fleet: new Fleet(Queue, _dependencies, breakers => share(breakers, $"{Queue}-state", name)), services: services(name)));
        return _workers[^1];
    }

    /// <summary>Stops tracking a worker that the test ended itself.</summary>
    public void Forget(TestWorker worker) => _workers.Remove(worker);

    /// <summary>Waits until the queue has that many consumers, and returns how long that took.</summary>
    public async Task<TimeSpan> UntilConsumersAsync(int count)
    {
        var began = Stopwatch.GetTimestamp();
        await Eventually.Is(() => broker.GetQueueAsync(Queue), queue => queue?.Consumers == count, $"the queue to have {count} consumers");
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Asserts that nobody consumes for three seconds.</summary>
    public async Task AssertNobodyConsumesAsync()
    {
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(3);)
            Assert.Equal(0, (await broker.GetQueueAsync(Queue))!.Consumers);
    }

    /// <summary>Whether anyone received the first message of the queue, even if only for a moment.</summary>
    public async Task<bool> WasFirstDeliveredAsync()
    {
        var wasDelivered = false;
        await _workers[0].OnChannelAsync(async channel =>
        {
            var first = await channel.BasicGetAsync(Queue, autoAck: false);
            wasDelivered = first!.Redelivered;
            await channel.BasicNackAsync(first.DeliveryTag, multiple: false, requeue: true);
        });
        return wasDelivered;
    }

    public Task UntilAllHeldAsync(string reason) => Eventually.Is(
        () => string.Join(", ", _workers.Select(worker => worker.Endpoints.Endpoints[0].Hold?.Reason)),
        reasons => reasons.Split(", ").All(one => one == reason),
        "all workers to be held");

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
            await worker.DisposeAsync();
    }

    static void Set(SharingOptions options, string name)
    {
        options.InstanceName = name;
        options.StoreTimeout = TimeSpan.FromSeconds(2);
        options.StartupPatience = TimeSpan.FromSeconds(20);
    }
}
