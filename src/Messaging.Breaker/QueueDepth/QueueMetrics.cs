using System.Diagnostics.Metrics;
using Messaging.Breaker.Diagnostics;

namespace Messaging.Breaker.QueueDepth;

/// <summary>The metrics of queues, read from the monitor at each collection. One series for each watched queue.</summary>
sealed class QueueMetrics(IMeterFactory meters)
{
    public void Observe(QueueMonitor monitor)
    {
        var meter = meters.Create(BreakerInstrumentation.MeterName);
        Gauge("ready", "{message}", "Messages that wait in the queue.", queue => queue.Ready);
        Gauge("unacknowledged", "{message}", "Messages delivered and not yet acknowledged, where the management API is read.", queue => queue.Unacknowledged);
        Gauge("consumers", "{consumer}", "Consumers on the queue.", queue => queue.Consumers);
        Gauge("arrival_rate", "{message}/s", "Messages that arrive per second, smoothed.", queue => queue.ArrivalRate);
        Gauge("service_rate", "{message}/s", "Messages handled per second while the endpoint runs, smoothed.", queue => queue.ServiceRate);
        Gauge("time_until_drained", "s", "How long until no message waits, from a resumption on.", queue => queue.TimeUntilDrained?.TotalSeconds);
        Gauge("time_until_loss", "s", "How long until messages are lost while nothing is handled.", queue => queue.TimeUntilLoss?.TotalSeconds);
        Gauge("dead_letters", "{message}", "Messages that wait in _error of the endpoint.", queue => queue.DeadLetters);
        meter.CreateObservableGauge(
            "messaging.breaker.queue.demand",
            () => monitor.Demands.Select(demand => new Measurement<long>(demand.Demand, Tags.Of(Tags.Endpoint, demand.Queue))),
            "{message}",
            "Work to scale workers by: the messages that wait or are being handled; while a breaker is not closed, their number before it opened.");
        meter.CreateObservableGauge(
            "messaging.breaker.queue.alerts", () => Alerts(monitor.Alerts), "{alert}", "Raised alerts.");

        void Gauge(string name, string unit, string description, Func<QueueSnapshot, double?> read) => meter.CreateObservableGauge(
            $"messaging.breaker.queue.{name}",
            () => monitor.Queues
                .Select(queue => (queue.Queue, Value: read(queue)))
                .Where(queue => queue.Value is not null)
                .Select(queue => new Measurement<double>(queue.Value!.Value, Tags.Of(Tags.Endpoint, queue.Queue))),
            unit,
            description);
    }

    /// <summary>Zeros included: an alert ends with a value and not with a missing one, which could also be a failed scrape.</summary>
    static IEnumerable<Measurement<int>> Alerts(IReadOnlyList<QueueAlert> alerts) =>
        from rule in AlertRule.All
        from severity in SnakeCase.All<AlertSeverity>()
        select new Measurement<int>(
            alerts.Count(alert => alert.Rule == rule && alert.Severity == severity),
            Tags.Of(Tags.AlertRule, rule),
            Tags.Of(Tags.AlertSeverity, SnakeCase.Of(severity)));
}
