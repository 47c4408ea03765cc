using MassTransit;
using SampleWorkers.Shop;
using SampleWorkers.Transport;

namespace SampleWorkers.Drill;

/// <summary>Reads the queue from the broker, never from our own memory.</summary>
sealed class RabbitMqDrillQueue : IDrillQueue
{
    readonly BrokerQueues _broker;
    readonly ManagementApi _management;
    readonly WireTap? _tap;
    readonly DrillSettings _settings;
    readonly string _queue;
    readonly string _receipts;
    readonly List<string> _notes = [];
    bool _isManaged;
    QueueTotals? _lastTotals;

    RabbitMqDrillQueue(BrokerAddress broker, BrokerQueues queues, DrillSettings settings, string queue, string receipts)
    {
        _broker = queues;
        _settings = settings;
        _queue = queue;
        _receipts = receipts;
        ManagementAddress = settings.Management ?? broker.DefaultManagement;
        _management = new ManagementApi(broker, ManagementAddress);
        if (!broker.IsTls)
            _tap = new WireTap(broker);
        else
            _notes.Add("probePrefetch: the connection is encrypted");
        WorkerAddress = _tap?.Address ?? broker;
    }

    public IReadOnlyList<string> Notes => _notes;

    public BrokerAddress? WorkerAddress { get; }

    Uri ManagementAddress { get; }

    string OrdersExchange => $"{_queue}-orders";

    string FaultsExchange => $"{_queue}-faults";

    /// <exception cref="BrokerUnreachableException">There is no broker, or it refused us.</exception>
    public static async Task<RabbitMqDrillQueue> ConnectAsync(
        BrokerAddress broker, DrillSettings settings, string queue, string receipts, CancellationToken cancellationToken)
    {
        var connection = await BrokerConnection.OpenAsync(broker, cancellationToken);
        return new RabbitMqDrillQueue(broker, new BrokerQueues(connection), settings, queue, receipts);
    }

    public void WatchConsumers(Action<int> started)
    {
        if (_tap is not null)
            _tap.ConsumerStarted += (queue, prefetch) =>
            {
                if (queue == _queue)
                    started(prefetch);
            };
    }

    /// <summary>Two drills on one broker do not get each other's orders and faults.</summary>
    public void ConfigureBus(IBusFactoryConfigurator bus)
    {
        bus.Message<OrderPlaced>(message => message.SetEntityName(OrdersExchange));
        bus.Message<Fault<OrderPlaced>>(message => message.SetEntityName(FaultsExchange));
    }

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await _broker.BindFanoutAsync(FaultsExchange, FaultsExchange, cancellationToken);
        var obstacle = await _management.FindObstacleAsync(_queue, cancellationToken);
        _isManaged = obstacle is null;
        if (!_isManaged)
            _notes.Add($"unackedWhileOpen: no management API at {ManagementAddress}: {obstacle}");
        else if (_settings.QueueType is QueueType.Quorum)
            _notes.Add("unackedWhileOpen: the broker refreshes the totals of a quorum queue every five seconds; only fresh ones count");
    }

    public Task<QueueReading?> ReadAsync(CancellationToken cancellationToken) => _broker.ReadAsync(_queue, cancellationToken);

    /// <summary>
    /// At once on a classic queue. The totals of a quorum queue can be five seconds old, from before the breaker opened: they count
    /// when they have just changed.
    /// </summary>
    public async Task<long?> ReadUnackedAsync(CancellationToken cancellationToken)
    {
        if (!_isManaged)
            return null;
        var totals = await _management.ReadTotalsAsync(_queue, cancellationToken);
        var isFresh = _settings.QueueType is QueueType.Classic || (_lastTotals is not null && totals != _lastTotals);
        _lastTotals = totals ?? _lastTotals;
        return isFresh ? totals?.MessagesUnacknowledged : null;
    }

    public async Task<long> CountSetAsideAsync(CancellationToken cancellationToken) =>
        await CountAsync($"{_queue}_error", cancellationToken) + await CountAsync($"{_queue}_skipped", cancellationToken);

    public async Task<Leftovers> CollectAsync(CancellationToken cancellationToken) => new(
        await _broker.TakeOrdersAsync(_queue, cancellationToken),
        await _broker.TakeOrdersAsync($"{_queue}_error", cancellationToken),
        await _broker.TakeOrdersAsync($"{_queue}_skipped", cancellationToken),
        await CountAsync(FaultsExchange, cancellationToken));

    public async ValueTask DisposeAsync()
    {
        if (_tap is not null)
            await _tap.DisposeAsync();
        string[] queues = [_queue, _receipts];
        string[] all = [.. queues, .. queues.Select(queue => $"{queue}_error"), .. queues.Select(queue => $"{queue}_skipped"), FaultsExchange];
        foreach (var name in all)
        {
            await _broker.DeleteQueueAsync(name, CancellationToken.None);
            await _broker.DeleteExchangeAsync(name, CancellationToken.None);
        }
        await _broker.DeleteExchangeAsync(OrdersExchange, CancellationToken.None);
        await _broker.DisposeAsync();
        _management.Dispose();
    }

    async Task<long> CountAsync(string queue, CancellationToken cancellationToken) =>
        (await _broker.ReadAsync(queue, cancellationToken))?.Ready ?? 0;
}
