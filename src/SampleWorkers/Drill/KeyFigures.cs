using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using SampleWorkers.Payments;

namespace SampleWorkers.Drill;

/// <summary>The figures of a drill whose breaker is split by merchants: whether the outage of some merchants affects only them.</summary>
sealed class KeyFigures
{
    // The first calls of a process are slow, which is not an outage.
    static readonly TimeSpan FirstCalls = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    readonly DrillSettings _settings;
    readonly ConcurrentDictionary<Guid, Order> _orders = new();
    readonly ConcurrentDictionary<string, int> _callsWhileDown = new();
    long _nextSample;
    long? _first;
    long? _began;
    long? _ended;

    public KeyFigures(DrillSettings settings)
    {
        _settings = settings;
        Down = Enumerable.Range(0, settings.KeysDown).Select(number => MerchantOf(number)).ToHashSet();
    }

    /// <summary>The merchants that are down in the outage.</summary>
    public IReadOnlySet<string> Down { get; }

    public long? ParkedMax { get; private set; }

    public int? QueuesLeft { get; private set; }

    public int MostCallsWhileDown => _callsWhileDown.Values.DefaultIfEmpty().Max();

    public double? P99Before => P99(_first + Ticks(FirstCalls), _began);

    public double? P99During => P99(_began, _ended);

    public string MerchantOf(long number) => string.Create(CultureInfo.InvariantCulture, $"merchant-{number % _settings.Keys}");

    /// <summary>Discards earlier orders, which were placed to warm up.</summary>
    public void Start()
    {
        _orders.Clear();
        _first = null;
    }

    public void Published(Guid order, long number)
    {
        var now = Stopwatch.GetTimestamp();
        _first ??= now;
        _orders[order] = new Order(MerchantOf(number), number, now);
    }

    public void Began() => _began = Stopwatch.GetTimestamp();

    public void Ended() => _ended = Stopwatch.GetTimestamp();

    public void Received(PaymentsCall call)
    {
        if (!_orders.TryGetValue(call.Order, out var order))
            return;
        order.CalledAt = Stopwatch.GetTimestamp();
        if (call.Mode is not PaymentsMode.Up)
            _callsWhileDown.AddOrUpdate(order.Merchant, 1, (_, calls) => calls + 1);
    }

    public void Charged(Guid id)
    {
        if (_orders.TryGetValue(id, out var order) && order.ChargedAt == 0)
            (order.SucceededFrom, order.ChargedAt) = (order.CalledAt, Stopwatch.GetTimestamp());
    }

    public async Task SampleAsync(IDrillQueue queue, CancellationToken cancellationToken)
    {
        if (Stopwatch.GetTimestamp() < _nextSample)
            return;
        _nextSample = Stopwatch.GetTimestamp() + Ticks(Step);
        if (await queue.ReadParkedAsync(cancellationToken) is { } parked)
            ParkedMax = Math.Max(ParkedMax ?? 0, parked.Messages);
    }

    /// <summary>Waits until the queues of the merchants are gone, which is soon after everything is handled.</summary>
    public async Task WaitForQueuesAsync(IDrillQueue queue, CancellationToken cancellationToken)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(Step, cancellationToken))
        {
            QueuesLeft = (await queue.ReadParkedAsync(cancellationToken))?.Queues;
            if (QueuesLeft is null or 0 || waited.Elapsed > Patience)
                return;
        }
    }

    /// <summary>Orders whose charging began only after a later order of the same merchant had been charged completely.</summary>
    public IReadOnlyList<string> FindOrderViolations()
    {
        var violations = new List<string>();
        foreach (var merchant in _orders.Values.Where(order => order.ChargedAt != 0).GroupBy(order => order.Merchant))
        {
            var firstEnd = long.MaxValue;
            foreach (var order in merchant.OrderByDescending(order => order.Number))
            {
                if (firstEnd < order.SucceededFrom)
                    violations.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"Order {order.Number} of {order.Merchant}, published at {SecondsOf(order.PublishedAt):0.000} s of the outage, was begun for good at {SecondsOf(order.SucceededFrom):0.000} s, when a later one had ended at {SecondsOf(firstEnd):0.000} s."));
                firstEnd = Math.Min(firstEnd, order.ChargedAt);
            }
        }

        return violations;
    }

    double SecondsOf(long time) => (time - _began!.Value) / (double)Stopwatch.Frequency;

    static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    double? P99(long? from, long? to)
    {
        var times = _orders.Values
            .Where(order => order.PublishedAt >= from && order.PublishedAt < to && order.ChargedAt != 0 && !Down.Contains(order.Merchant))
            .Select(order => Stopwatch.GetElapsedTime(order.PublishedAt, order.ChargedAt).TotalMilliseconds)
            .Order()
            .ToList();
        return times.Count > 0 ? Math.Round(times[(int)(0.99 * (times.Count - 1))], 1) : null;
    }

    sealed class Order(string merchant, long number, long publishedAt)
    {
        public string Merchant => merchant;

        public long Number => number;

        public long PublishedAt => publishedAt;

        public long CalledAt { get; set; }

        public long SucceededFrom { get; set; }

        public long ChargedAt { get; set; }
    }
}
