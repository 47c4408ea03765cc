using System.Diagnostics.Metrics;

namespace Messaging.Breaker.Diagnostics;

/// <summary>The meter, and the instruments that events are recorded in.</summary>
sealed class BreakerMeter
{
    // Waits for a verdict last from zero to MaxHold, and pauses from a break to a night; OpenTelemetry's default bounds end at ten.
    static readonly InstrumentAdvice<double> Waits = new() { HistogramBucketBoundaries = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300] };
    static readonly InstrumentAdvice<double> Pauses = new() { HistogramBucketBoundaries = [1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400] };

    readonly ListenerThread _thread = new();

    public BreakerMeter(IMeterFactory meters)
    {
        Meter = meters.Create(BreakerInstrumentation.MeterName);
        Transitions = Counter("transitions", "{transition}", "Changes of a breaker's state, by the new state and the rule that decided.");
        Returns = Counter("returns", "{message}", "Messages put back in their queue, without consequences.");
        Renewals = Counter("renewals", "{message}", "Messages published again to the end of their queue; with error.type, those that could not be.");
        Suspects = Counter("suspects", "{message}", "Messages that alone held a breaker open, each counted once.");
        Redriven = Counter("redriven", "{message}", "Messages moved from a queue of dead letters back to where they came from.");
        FailedAgain = Counter("redriven.failed", "{message}", "Messages that were dead-lettered again after they had been redriven.");
        Verdicts = Histogram("verdict.duration", "How long failing messages waited for a verdict.", Waits);
        PauseDuration = Histogram("pause.duration", "How long endpoints were paused; recorded when they resume.", Pauses);
    }

    public Meter Meter { get; }

    public SafeCounter Transitions { get; }

    public SafeCounter Returns { get; }

    public SafeCounter Renewals { get; }

    public SafeCounter Suspects { get; }

    public SafeCounter Redriven { get; }

    public SafeCounter FailedAgain { get; }

    public SafeHistogram Verdicts { get; }

    public SafeHistogram PauseDuration { get; }

    SafeCounter Counter(string name, string unit, string description) =>
        new(Meter.CreateCounter<long>($"messaging.breaker.{name}", unit, description), _thread);

    SafeHistogram Histogram(string name, string description, InstrumentAdvice<double> advice) =>
        new(Meter.CreateHistogram($"messaging.breaker.{name}", "s", description, null, advice), _thread);
}
