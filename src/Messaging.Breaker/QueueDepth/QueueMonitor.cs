using System.Collections.Immutable;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Outages;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.QueueDepth;

/// <summary>Samples the watched queues, keeps the results, and reports the alerts that were raised and cleared.</summary>
sealed class QueueMonitor(
    WatchedQueues watched,
    IEndpointRegistry endpoints,
    IBreakerRegistry breakers,
    IErrorQueues errors,
    IOptions<QueueDepthOptions> options,
    AlertDelivery delivery,
    TimeProvider time,
    ILoggerFactory loggers,
    OutageTracker? outages = null,
    IAlertSender? voice = null) : IQueueMonitor
{
    static readonly TimeSpan LookForErrors = TimeSpan.FromMinutes(10);

    readonly QueueDepthOptions _options = options.Value;
    readonly ILogger _log = loggers.CreateLog();
    readonly Dictionary<string, QueueWatch> _watches = [];
    readonly HashSet<string> _failing = [];
    readonly Dictionary<string, DateTimeOffset> _absentErrors = [];
    readonly ActiveAlerts _alerts = new(Environment.MachineName, outages is null ? null : outages.Find, options.Value.Escalation);
    State _state = new([], [], []);

    public IReadOnlyList<QueueSnapshot> Queues => _state.Queues;

    public IReadOnlyList<QueueAlert> Alerts => _state.Alerts;

    /// <inheritdoc cref="QueueWatch.Demand"/>
    public IReadOnlyList<(string Queue, long Demand)> Demands => _state.Demands;

    /// <summary>Takes one sample of every queue. Must not be called again before it has ended.</summary>
    public async Task SampleAsync(CancellationToken cancellationToken)
    {
        var due = watched.Due();
        var began = time.GetUtcNow();
        var readings = await Task.WhenAll(due.Select(
            broker => ReadAsync(broker.Source, broker.Queues, [.. ErrorQueuesOf(broker.Queues, began)], cancellationToken))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        var now = time.GetUtcNow();
        var conditions = endpoints.Endpoints.GroupBy(endpoint => endpoint.Name).ToDictionary(group => group.Key, group => ConditionOf(group.First()));
        var waiting = readings.SelectMany(read => read).GroupBy(reading => reading.Queue).ToDictionary(group => group.Key, group => group.First().Ready);
        foreach (var reading in readings.Zip(due).SelectMany(read => read.First.Where(reading => read.Second.Queues.Contains(reading.Queue))))
        {
            if (!_watches.TryGetValue(reading.Queue, out var watch))
                _watches.Add(reading.Queue, watch = new QueueWatch(reading.Queue, _options));
            if (errors.Of(reading.Queue) is { } failed)
                watch.ObserveErrors(failed, FindErrors(failed, waiting, now), errors, conditions.GetValueOrDefault(reading.Queue, EndpointCondition.None), now);
            watch.Observe(
                reading, conditions.GetValueOrDefault(reading.Queue, EndpointCondition.None), watched.LimitsOf(reading.Queue), now);
            outages?.Observe(watch.Name, watch.Endpoint.Breakers, reading.Ready, watch.Forecast.Age, now);
        }

        foreach (var queue in _watches.Keys.Where(queue => !watched.Knows(queue)).ToList())
            _watches.Remove(queue);
        var (raised, cleared) = _alerts.Update(_watches.Values, StateOf, now);
        Publish(now);
        if (voice is not null)
        {
            voice.Tell(cleared, raised, _alerts.Raised, delivery);
            return;
        }

        // Cleared alerts first: when a backlog moves to another alert, the old one goes before the new one comes.
        foreach (var alert in cleared)
            delivery.Clear(alert);
        foreach (var alert in raised)
            delivery.Raise(alert);
    }

    /// <summary>
    /// A queue of failed messages is declared at the first failure. Asking for a missing queue is an error in the broker's log, so it is asked
    /// for rarely until this process has seen a message go there.
    /// </summary>
    IEnumerable<string> ErrorQueuesOf(IReadOnlyCollection<string> queues, DateTimeOffset now)
    {
        foreach (var queue in queues)
            if (errors.Of(queue) is { } failed && !queues.Contains(failed)
                && (errors.CountOf(queue) > 0 || !_absentErrors.TryGetValue(failed, out var absent) || now - absent >= LookForErrors))
                yield return failed;
    }

    /// <returns>Zero messages for a queue that does not exist.</returns>
    long FindErrors(string queue, Dictionary<string, long> waiting, DateTimeOffset now)
    {
        if (waiting.TryGetValue(queue, out var found))
        {
            _absentErrors.Remove(queue);
            return found;
        }

        if (!_absentErrors.TryGetValue(queue, out var absent) || now - absent >= LookForErrors)
            _absentErrors[queue] = now;
        return 0;
    }

    async Task<IReadOnlyList<QueueReading>> ReadAsync(
        IQueueSource broker, IReadOnlyCollection<string> queues, IReadOnlyCollection<string> others, CancellationToken cancellationToken)
    {
        var name = broker.Description;
        try
        {
            var readings = await broker.ReadAsync(queues, others, cancellationToken).ConfigureAwait(false);
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

        return new EndpointCondition(endpoint.State, endpoint.Handled, endpoint.Breakers, cause, endpoint.Hold?.Reason)
        {
            Keys = endpoint.Breakers.Select(name => breakers.TryGet(name, out var breaker) ? KeyCondition.Of(breaker) : null).FirstOrDefault(keys => keys is not null),
        };
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
