using System.Text.Json;
using Messaging.Breaker.ChaosTests.Shop;
using Messaging.Breaker.ChaosTests.Stores;
using Messaging.Breaker.ChaosTests.Workers;
using SampleWorkers.Hosting;
using SampleWorkers.Payments;
using SampleWorkers.Shop;

namespace Messaging.Breaker.ChaosTests.Restarts;

/// <summary>Three worker processes that share, a payments service in this one, and a hundred orders.</summary>
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
    readonly WorkerProcess[] _workers = new WorkerProcess[Size];
    LoopbackServer? _server;
    RedisNode? _redis;
    int _starts;

    Fleet(RabbitMqNode broker)
    {
        _broker = broker;
        _directory = Directory.CreateDirectory(Path.Combine(ChaosSettings.Results, _prefix)).FullName;
        _queues = new OrderQueues(broker, _prefix);
        _ledger = new Ledger(_orders);
        Calls = new CallLog(_ledger);
        _payments = new PaymentsService(Calls);
    }

    public CallLog Calls { get; }

    string SettingsFile => Path.Combine(_directory, "settings.json");

    /// <summary>Returns when all consume.</summary>
    public static async Task<Fleet> StartAsync(RabbitMqNode broker, SharedStore store)
    {
        var fleet = new Fleet(broker);
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

    /// <summary>Returns when every worker leaves the queue alone.</summary>
    public async Task BreakPaymentsAsync()
    {
        _payments.Mode = PaymentsMode.Error;
        await using var publisher = new OrderPublisher(_broker.AmqpAddress, _queues.Orders, _ledger);
        foreach (var order in _orders)
            await publisher.PublishAsync(order.Message, TestContext.Current.CancellationToken);
        await WaitUntilAllAsync(worker => worker.Trips > 0, "every worker to open");
        await WaitUntilLeftAloneAsync();
    }

    /// <summary>SIGKILL, and new processes in their places. Returns when they have started and leave the queue alone.</summary>
    public async Task KillAndStartAgainAsync(int count)
    {
        for (var place = 0; place < count; place++)
            _workers[place].Kill();
        for (var place = 0; place < count; place++)
        {
            await _workers[place].Exited;
            _workers[place].Dispose();
            StartWorker(place);
        }

        await WaitUntilAllAsync(worker => worker is { HasStarted: true, Trips: > 0 }, "the new workers to start and to hear of the outage");
        await WaitUntilLeftAloneAsync();
    }

    /// <summary>Returns when every order is handled.</summary>
    public async Task MendPaymentsAsync()
    {
        _payments.Mode = PaymentsMode.Up;
        await Eventually.Is(() => !_ledger.NotHandled.Any(), "every order to be handled", LongestStart);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers.OfType<WorkerProcess>())
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
        // A break that outlasts the start of a worker, on a busy machine, too.
        var options = new { BreakDuration = "00:00:30", MaxBreakDuration = "00:00:30", Probes };
        await File.WriteAllTextAsync(SettingsFile, JsonSerializer.Serialize(new { Breakers = new { payments = options } }));
        for (var place = 0; place < Size; place++)
            StartWorker(place);
        await Eventually.Is(() => _broker.GetQueueAsync(_queues.Orders), queue => queue?.Consumers == Size, "every worker to consume", LongestStart);
        await RabbitMqNode.SettleAsync();
    }

    void StartWorker(int place)
    {
        string[] arguments =
        [
            "--broker", $"{_broker.AmqpAddress}",
            "--payments", $"{new Uri(_server!.Address, $"worker-{place}/")}",
            "--queue-prefix", _prefix,
            "--settings", SettingsFile,
            "--share", _redis is null ? "bus" : $"redis://{_redis.Address}",
        ];
        _workers[place] = WorkerProcess.Start(arguments, Path.Combine(_directory, $"worker-{place}.{++_starts}.log"));
    }

    async Task WaitUntilLeftAloneAsync() => await Eventually.Is(
        () => _broker.GetQueueAsync(_queues.Orders),
        queue => queue is { Consumers: 0, Unacknowledged: 0 },
        $"the queue to be left alone (logs in {_directory})",
        LongestStart);

    Task WaitUntilAllAsync(Predicate<WorkerProcess> wanted, string awaited) =>
        Eventually.Is(() => Array.TrueForAll(_workers, wanted), $"{awaited} (logs in {_directory})", LongestStart);
}
