using Messaging.Breaker;

namespace SampleWorkers.Demo;

/// <summary>The demo's queue is in memory, without a broker to ask for its depth, so the shop's own figures are used.</summary>
sealed class DemoQueues(string queue, IReadOnlyList<string> breakers) : IQueueMonitor
{
    const double Weight = 0.2;

    QueueSnapshot? _latest;
    DemoFigures? _before;

    public IReadOnlyList<QueueSnapshot> Queues => Volatile.Read(ref _latest) is { } latest ? [latest] : [];

    /// <summary>Once a second.</summary>
    public void Observe(DemoFigures figures)
    {
        var seconds = (figures.Elapsed - (_before?.Elapsed ?? TimeSpan.Zero)).TotalSeconds;
        var consumes = figures.Breakers.All(breaker => !breakers.Contains(breaker.Name) || breaker.State is BreakerState.Closed);
        var (arrivals, services) = (_latest?.ArrivalRate, _latest?.ServiceRate);
        arrivals = Smooth(arrivals, (figures.Published - (_before?.Published ?? 0)) / seconds);
        if (consumes)
            services = Smooth(services, (figures.Handled - (_before?.Handled ?? 0)) / seconds);

        // A waiting queue is drained faster than it fills; how fast shows only while it is drained.
        var surplus = Math.Max(services - arrivals ?? 0, arrivals ?? 0);
        var snapshot = new QueueSnapshot
        {
            Queue = queue,
            Breakers = breakers,
            At = DateTimeOffset.UtcNow,
            Ready = figures.Waiting,
            Consumers = consumes ? 1 : 0,
            ArrivalRate = arrivals,
            ServiceRate = services,
            TimeUntilDrained = surplus > 0 ? TimeSpan.FromSeconds(figures.Waiting / surplus) : null,
            Alerts = [],
        };
        Volatile.Write(ref _latest, snapshot);
        _before = figures;
    }

    static double Smooth(double? before, double now) => before is { } known ? known + Weight * (now - known) : now;
}
