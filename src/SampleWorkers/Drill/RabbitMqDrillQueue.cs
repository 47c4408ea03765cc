using MassTransit;
using SampleWorkers.Hosting;
using SampleWorkers.Sharing;
using SampleWorkers.Shop;
using SampleWorkers.Transport;
using Spectre.Console;

namespace SampleWorkers.Drill;

/// <summary>Reads the queue from the broker, never from our own memory.</summary>
sealed class RabbitMqDrillQueue : IDrillQueue
{
    static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(15);

    readonly BrokerQueues _broker;
    readonly QueueTotalsReader _totals;
    readonly DrillSettings _settings;
    readonly string _prefix;
    readonly List<string> _notes = [];
    readonly List<WireTap> _taps = [];
    readonly BrokerAddress _address;
    Action<string, int>? _consumerStarted;
    bool _isManaged;
    QueueTotals? _lastTotals;

    RabbitMqDrillQueue(BrokerAddress broker, BrokerQueues queues, DrillSettings settings, string prefix)
    {
        _address = broker;
        _broker = queues;
        _settings = settings;
        _prefix = prefix;
        ManagementAddress = settings.Management ?? broker.DefaultManagement;
        _totals = new QueueTotalsReader(broker, ManagementAddress);
        if (broker.IsTls)
            _notes.Add("probePrefetch: the connection is encrypted");
    }

    public IReadOnlyList<string> Notes => _notes;

    /// <summary>
    /// A tick refreshes the totals of a quorum queue: it looks at the queue and publishes the result later. The first reading may show an old tick.
    /// The first that differs may show a tick that was under way. The second that differs shows a tick that began after that.
    /// </summary>
    public int OldReadings => _settings.QueueType is QueueType.Quorum ? 2 : 0;

    Uri ManagementAddress { get; }

    string Queue => ShopNames.ChargeQueue(_prefix);

    string ParkingExchange => $"{Queue}_parked";

    /// <summary>The objects that are declared once for all keys.</summary>
    string[] ParkingSupport => [$"{ParkingExchange}.keys", $"{ParkingExchange}.copies"];

    string Faults => ShopNames.FaultsExchange(_prefix);

    /// <exception cref="BrokerUnreachableException">There is no broker, or it refused us.</exception>
    public static async Task<RabbitMqDrillQueue> ConnectAsync(
        BrokerAddress broker, DrillSettings settings, string prefix, CancellationToken cancellationToken)
    {
        var queues = new BrokerQueues(broker);
        await queues.ConnectAsync(cancellationToken);
        return new RabbitMqDrillQueue(broker, queues, settings, prefix);
    }

    /// <summary>Each worker has its own tap, because only the connection tells whose consumer it is.</summary>
    public BrokerAddress? AddressFor(string worker)
    {
        if (_address.IsTls)
            return _address;
        var tap = new WireTap(_address);
        tap.ConsumerStarted += (queue, prefetch) =>
        {
            if (queue == Queue)
                _consumerStarted?.Invoke(worker, prefetch);
        };
        _taps.Add(tap);
        return tap.Address;
    }

    public void WatchConsumers(Action<string, int> started) => _consumerStarted += started;

    public void ConfigureBus(IBusFactoryConfigurator bus)
    {
    }

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await _broker.BindFanoutAsync(Faults, Faults, _settings.Patience, cancellationToken);
        var obstacle = await _totals.FindObstacleAsync(Queue, cancellationToken);
        _isManaged = obstacle is null;
        if (!_isManaged)
            _notes.Add($"unackedWhileOpen: no management API at {ManagementAddress}: {obstacle}");
        else if (_settings.QueueType is QueueType.Quorum)
            _notes.Add("unackedWhileOpen: the broker refreshes the totals of a quorum queue every five seconds; only fresh ones count");
    }

    public Task<QueueReading?> ReadAsync(CancellationToken cancellationToken) => _broker.TryReadAsync(Queue, cancellationToken);

    /// <summary>Immediate on a classic queue. The totals of a quorum queue can be five seconds old: only a changed value is new.</summary>
    public async Task<long?> ReadUnackedAsync(CancellationToken cancellationToken)
    {
        if (!_isManaged)
            return null;
        var totals = await _totals.ReadTotalsAsync(Queue, cancellationToken);
        var isFresh = _settings.QueueType is QueueType.Classic || (_lastTotals is not null && totals != _lastTotals);
        _lastTotals = totals ?? _lastTotals;
        return isFresh ? totals?.MessagesUnacknowledged : null;
    }

    public async Task<long?> CountSetAsideAsync(CancellationToken cancellationToken) =>
        (await _broker.TryReadAsync($"{Queue}_error", cancellationToken))?.Ready
        + (await _broker.TryReadAsync($"{Queue}_skipped", cancellationToken))?.Ready;

    public async Task<Parked?> ReadParkedAsync(CancellationToken cancellationToken) => _isManaged && _settings.Keys > 0
        ? (await _totals.ReadTotalsOfAsync(name => name.StartsWith($"{ParkingExchange}.", StringComparison.Ordinal) && !ParkingSupport.Contains(name), cancellationToken)) is { } parked
            ? new Parked(parked.Count, parked.Sum(queue => (queue.MessagesReady + queue.MessagesUnacknowledged) ?? 0))
            : null
        : null;

    public async Task<Leftovers> CollectAsync(CancellationToken cancellationToken) => new(
        await CollectAsync(Queue, cancellationToken),
        await CollectAsync($"{Queue}_error", cancellationToken),
        await CollectAsync($"{Queue}_skipped", cancellationToken),
        (await _broker.ReadAsync(Faults, _settings.Patience, cancellationToken)).Ready);

    public async ValueTask DisposeAsync()
    {
        foreach (var tap in _taps)
            await tap.DisposeAsync();
        string[] queues = [Queue, ShopNames.ReceiptQueue(_prefix)];
        string[] all =
        [
            .. queues,
            .. queues.Select(queue => $"{queue}_error"),
            .. queues.Select(queue => $"{queue}_skipped"),
            Faults,
            ShopNames.OrdersExchange(_prefix),
            .. _settings.Keys > 0 ? (string[])[ParkingExchange, .. ParkingSupport] : [],
            .. _settings.Share is { IsBus: true } ? StoreRegistration.NamesOnBus(_prefix) : [],
        ];
        try
        {
            foreach (var name in all)
                await _broker.DeleteAsync(name, LastPatience, CancellationToken.None);
        }
        catch (BrokerUnreachableException exception)
        {
            Terminal.Console.WriteLine($"{exception.Message} What is called {_prefix}-... there is left behind.");
        }

        await _broker.DisposeAsync();
        _totals.Dispose();
    }

    Task<IReadOnlyCollection<Guid>> CollectAsync(string queue, CancellationToken cancellationToken) =>
        _broker.CollectOrdersAsync(queue, _settings.Patience, cancellationToken);
}
