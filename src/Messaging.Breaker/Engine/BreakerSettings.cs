namespace Messaging.Breaker.Engine;

/// <summary>
/// The options of a breaker in the engine's units: durations are timestamp differences. Immutable; a reload creates a new one.
/// </summary>
sealed record BreakerSettings(long TimestampFrequency)
{
    public required double FailureRatio { get; init; }
    public required int MinimumThroughput { get; init; }
    public required int ConsecutiveFailures { get; init; }
    public required long Sampling { get; init; }
    public required long BucketSpan { get; init; }
    public required int BucketCalls { get; init; }
    public required long SlowCall { get; init; }
    public required double SlowCallRatio { get; init; }
    public required long Break { get; init; }
    public required long MaxBreak { get; init; }
    public required double BreakGrowth { get; init; }
    public required int Probes { get; init; }
    public required int ProbeConcurrency { get; init; }
    public required int RequiredProbes { get; init; }
    public required long ProbeTimeout { get; init; }

    public long Units(TimeSpan duration) => Units(duration, TimestampFrequency);

    public TimeSpan Duration(long units) => TimeSpan.FromSeconds((double)units / TimestampFrequency);

    public static long Units(TimeSpan duration, long timestampFrequency) => (long)(duration.TotalSeconds * timestampFrequency);
}
