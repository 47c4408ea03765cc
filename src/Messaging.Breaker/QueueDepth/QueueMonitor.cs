using System.Collections.Immutable;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.QueueDepth;

/// <summary>Samples the watched queues, keeps what follows from it, and tells of the alerts that were raised and cleared.</summary>
sealed class QueueMonitor(
    WatchedQueues watched,
    IEndpointRegistry endpoints,
    IBreakerRegistry breakers,
    IOptions<QueueDepthOptions> options,
    AlertDelivery delivery,
    TimeProvider time,
    ILoggerFactory loggers) : IQueueMonitor
{
    readonly QueueDepthOptions _options = options.Value;
    readonly ILogger _log = loggers.CreateLog();
    readonly Dictionary<string, QueueWatch> _watches = [];
    readonly HashSet<string> _failing = [];
    readonly AlertBook _alerts = new(Environment.MachineName);
    State _state = new([], [], []);

    public IReadOnlyList<QueueSnapshot> Queues => _state.Queues;

    public IReadOnlyList<QueueAlert> Alerts => _state.Alerts;

    /// <inheritdoc cref="QueueWatch.Demand"/>
    public IReadOnlyList<(string Queue, long Demand)> Demands => _state.Demands;

    /// <summary>Takes one sample of every queue. Not to be called again before it has ended.</summary>
    public async Task SampleAsync(CancellationToken cancellationToken)
    {
        var readings = await Task.WhenAll(watched.Due().Select(broker => ReadAsync(broker.Source, broker.Queues, cancellationToken))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        var now = time.GetUtcNow();
        var conditions = endpoints.Endpoints.GroupBy(endpoint => endpoint.Name).ToDictionary(group => group.Key, group => ConditionOf(group.First()));
        foreach (var reading in readings.SelectMany(read => read))
        {
            if (!_watches.TryGetValue(reading.Queue, out var watch))
                _watches.Add(reading.Queue, watch = new QueueWatch(reading.Queue, _options));
            watch.Observe(
                reading, conditions.GetValueOrDefault(reading.Queue, EndpointCondition.None), watched.LimitsOf(reading.Queue), now);
        }

        foreach (var queue in _watches.Keys.Where(queue => !watched.Knows(queue)).ToList())
            _watches.Remove(queue);
        var (raised, cleared) = _alerts.Update(_watches.Values, StateOf, now);
        Publish(now);
        // What was cleared first: of a backlog that has become another alert's, the old one goes before the new one comes.
        foreach (var alert in cleared)
            delivery.Clear(alert);
        foreach (var alert in raised)
            delivery.Raise(alert);
    }

    async Task<IReadOnlyList<QueueReading>> ReadAsync(
        IQueueSource broker, IReadOnlyCollection<string> queues, CancellationToken cancellationToken)
    {
        var name = broker.Description;
        try
        {
            var readings = await broker.ReadAsync(queues, cancellationToken).ConfigureAwait(false);
            if (Forget(name))
                _log.QueuesReadAgain(name);
            return readings;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (Remember(name))
                _log.QueuesUnreadable(name, exception.Message);
            return [];
        }
    }

    bool Remember(string broker)
    {
        lock (_failing)
            return _failing.Add(broker);
    }

    bool Forget(string broker)
    {
        lock (_failing)
            return _failing.Remove(broker);
    }

    EndpointCondition ConditionOf(EndpointSnapshot endpoint)
    {
        DependencyState? cause = null;
        foreach (var breaker in endpoint.FindAway(breakers))
        {
            var snapshot = breaker.GetSnapshot();
            if (cause is null or { State: BreakerState.HalfOpen })
                cause = new DependencyState(breaker.Name, snapshot.State, snapshot.Reason);
        }

        return new EndpointCondition(endpoint.State, endpoint.Handled, endpoint.Breakers, cause, endpoint.Hold?.Reason);
    }

    BreakerState? StateOf(string breaker) => breakers.TryGet(breaker, out var found) ? found.State : null;

    void Publish(DateTimeOffset now)
    {
        var alerts = _alerts.Alerts.ToImmutableArray();
        var fresh = _watches.Values.Where(watch => now - watch.At < _options.StaleAfter).OrderBy(watch => watch.Name, StringComparer.Ordinal).ToList();
        Volatile.Write(ref _state, new State(
            [.. fresh.Select(watch => watch.ToSnapshot([.. alerts.Where(alert => alert.Queues.Contains(watch.Name))]))],
            alerts,
            [.. fresh.Where(watch => watch.Demand is not null).Select(watch => (watch.Name, watch.Demand!.Value))]));
    }

    /// <summary>What readers see, replaced as a whole.</summary>
    sealed record State(
        ImmutableArray<QueueSnapshot> Queues, ImmutableArray<QueueAlert> Alerts, ImmutableArray<(string Queue, long Demand)> Demands);
}
