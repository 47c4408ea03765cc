using System.Diagnostics;
using System.Text.Json;
using Messaging.Breaker.ChaosTests.Shop;
using Messaging.Breaker.ChaosTests.Stores;
using Messaging.Breaker.ChaosTests.Workers;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.DependencyInjection;
using SampleWorkers.Hosting;
using SampleWorkers.Payments;
using SampleWorkers.Shop;

namespace Messaging.Breaker.ChaosTests.Restarts;

/// <summary>Three worker processes that share a store, a payments service in this process, and a hundred orders.</summary>
sealed class Fleet : IAsyncDisposable
{
    public const int Size = 3;
    public const int Probes = 3;

    static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90);

    readonly Order[] _orders = [.. Enumerable.Range(1, 100).Select(number => new Order(OrderPlaced.Next(number), IsPoison: false))];
    readonly string _prefix = $"restart-{Guid.NewGuid():N}"[..16];
    readonly string _directory;
    readonly RabbitMqNode _broker;
    readonly OrderQueues _queues;
    readonly Ledger _ledger;
    readonly PaymentsService _payments;
    readonly List<WorkerProcess> _workers = [];
    readonly Func<int, object?> _queueDepthOf;
    LoopbackServer? _server;
    RedisNode? _redis;
    int _starts;

    Fleet(RabbitMqNode broker, Func<int, object?> queueDepthOf)
    {
        (_broker, _queueDepthOf) = (broker, queueDepthOf);
        _directory = Directory.CreateDirectory(Path.Combine(ChaosSettings.Results, _prefix)).FullName;
        _queues = new OrderQueues(broker, _prefix);
        _ledger = new Ledger(_orders);
        Calls = new CallLog(_ledger);
        _payments = new PaymentsService(Calls);
    }

    public CallLog Calls { get; }

    /// <summary>The fleet's name in its store.</summary>
    public string Prefix => _prefix;

    /// <summary>The queue of the orders.</summary>
    public string Queue => _queues.Orders;

    /// <summary>The address of the fleet's store.</summary>
    public string StoreAddress => _redis is null ? $"{_broker.AmqpAddress}" : $"redis://{_redis.Address}";

    /// <summary>Starts the workers. Returns when all of them consume.</summary>
    /// <param name="broker">The broker of the workers.</param>
    /// <param name="store">The store that they share.</param>
    /// <param name="queueDepthOf">How each worker watches its queues; null for the defaults.</param>
    public static async Task<Fleet> StartAsync(RabbitMqNode broker, SharedStore store, Func<int, object?>? queueDepthOf = null)
    {
        var fleet = new Fleet(broker, queueDepthOf ?? (_ => null));
        try
        {
            await fleet.StartAsync(store);
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes payments fail. Returns when no worker consumes any more.</summary>
    public async Task BreakPaymentsAsync()
    {
        _payments.Mode = PaymentsMode.Error;
        await PlaceOrdersAsync();
        await WaitUntilAllAsync(worker => worker.Trips > 0, "every worker's breaker to open");
        await WaitUntilLeftAloneAsync();
    }

    public async Task PlaceOrdersAsync()
    {
        await using var publisher = new OrderPublisher(_broker.AmqpAddress, _queues.Orders, _ledger);
        foreach (var order in _orders)
            await publisher.PublishAsync(order.Message, TestContext.Current.CancellationToken);
    }

    /// <summary>Adds a worker. Returns when it has started.</summary>
    public async Task AddAsync()
    {
        _workers.Add(Start(_workers.Count));
        await WaitUntilAllAsync(worker => worker.HasStarted, "the new worker to start");
    }

    /// <summary>Kills a worker (SIGKILL) without a replacement. Returns when it is gone.</summary>
    public async Task KillAsync(int place)
    {
        _workers[place].Kill();
        await _workers[place].Exited;
    }

    /// <summary>Kills the store (SIGKILL) and restarts it. With sharing over the bus, that is the broker.</summary>
    public async Task KillAndStartStoreAsync()
    {
        if (_redis is not null)
        {
            await _redis.KillAsync();
            await _redis.StartAsync();
        }
        else
        {
            await _broker.KillAsync();
            await _broker.StartAsync();
        }
    }

    /// <summary>Reads a list from the fleet's store, without being an instance.</summary>
    public async Task<IReadOnlyList<SharedLedgerEntry>> ReadListAsync(string list)
    {
        await using var services = new ServiceCollection().AddMessagingBreaker(breakers =>
        {
            if (_redis is null)
                breakers.ShareOverBus(options => (options.Address, options.Prefix) = (_broker.AmqpAddress, _prefix));
            else
                breakers.ShareOverRedis(_redis.Address, options => options.KeyPrefix = _prefix);
        }).BuildServiceProvider();
        return await ((ISharedLedger)services.GetRequiredService<FleetStore>().Open()).ReadAsync(list, TestContext.Current.CancellationToken);
    }

    /// <returns>How long it took until the queue had that many consumers.</returns>
    public async Task<TimeSpan> UntilConsumersAsync(int count)
    {
        var began = Stopwatch.GetTimestamp();
        await Eventually.Is(
            () => _broker.GetQueueAsync(Queue), queue => queue?.Consumers == count, $"the queue to have {count} consumers (logs in {_directory})", LongestStart);
        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Asserts that nobody consumes for that time.</summary>
    public async Task AssertNobodyConsumesAsync(TimeSpan time)
    {
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < time;)
            Assert.Equal(0, (await _broker.GetQueueAsync(Queue))?.Consumers);
    }

    public Task UntilAllHandledAsync() => Eventually.Is(() => !_ledger.NotHandled.Any(), "every order to be handled", LongestStart);

    /// <summary>Kills workers (SIGKILL) and replaces them. Returns when the new ones have started and nobody consumes.</summary>
    public async Task KillAndStartAgainAsync(int count)
    {
        for (var place = 0; place < count; place++)
            _workers[place].Kill();
        for (var place = 0; place < count; place++)
        {
            await _workers[place].Exited;
            _workers[place].Dispose();
            _workers[place] = Start(place);
        }

        await WaitUntilAllAsync(worker => worker is { HasStarted: true, Trips: > 0 }, "the new workers to start and learn of the outage");
        await WaitUntilLeftAloneAsync();
    }

    /// <summary>Repairs payments. Returns when every order is handled.</summary>
    public async Task MendPaymentsAsync()
    {
        _payments.Mode = PaymentsMode.Up;
        await UntilAllHandledAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            worker.Kill();
            await worker.Exited;
            worker.Dispose();
        }

        if (_redis is not null)
            await _redis.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        await _queues.DeleteAsync();
    }

    async Task StartAsync(SharedStore store)
    {
        _redis = store is SharedStore.Redis ? await RedisNode.StartNewAsync() : null;
        _server = await LoopbackServer.StartAsync(web => web.MapPayments(_payments), TestContext.Current.CancellationToken);
        for (var place = 0; place < Size; place++)
            _workers.Add(Start(place));
        await UntilConsumersAsync(Size);
        await RabbitMqNode.SettleAsync();
    }

    WorkerProcess Start(int place)
    {
        var settings = Path.Combine(_directory, $"settings-{place}.json");
        // A break that lasts longer than the start of a worker, even on a busy machine.
        var payments = new { BreakDuration = "00:00:30", MaxBreakDuration = "00:00:30", Probes };
        File.WriteAllText(settings, JsonSerializer.Serialize(new { Breakers = new { payments }, QueueDepth = _queueDepthOf(place) ?? new { } }));
        string[] arguments =
        [
            "--broker", $"{_broker.AmqpAddress}",
            "--payments", $"{new Uri(_server!.Address, $"worker-{place}/")}",
            "--queue-prefix", _prefix,
            "--settings", settings,
            "--share", _redis is null ? "bus" : StoreAddress,
        ];
        return WorkerProcess.Start(arguments, Path.Combine(_directory, $"worker-{place}.{++_starts}.log"));
    }

    async Task WaitUntilLeftAloneAsync() => await Eventually.Is(
        () => _broker.GetQueueAsync(_queues.Orders),
        queue => queue is { Consumers: 0, Unacknowledged: 0 },
        $"the queue to have no consumers (logs in {_directory})",
        LongestStart);

    Task WaitUntilAllAsync(Predicate<WorkerProcess> wanted, string awaited) =>
        Eventually.Is(() => _workers.TrueForAll(wanted), $"{awaited} (logs in {_directory})", LongestStart);
}
