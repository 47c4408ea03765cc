using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Breakers;

/// <summary>Validated options in the engine's units.</summary>
static class EngineSettings
{
    public static BreakerSettings ToSettings(this BreakerOptions options, long timestampFrequency)
    {
        var sampling = Units(options.SamplingDuration);
        return new BreakerSettings(timestampFrequency)
        {
            FailureRatio = options.FailureRatio,
            MinimumThroughput = options.MinimumThroughput,
            ConsecutiveFailures = options.ConsecutiveFailures ?? int.MaxValue,
            Sampling = sampling,
            BucketSpan = Math.Max(1, sampling / SlidingWindow.Buckets),
            BucketCalls = Math.Max(1, options.WindowCalls / SlidingWindow.Buckets),
            SlowCall = options.SlowCallDuration is { } slow ? Units(slow) : long.MaxValue,
            SlowCallRatio = options.SlowCallRatio ?? double.PositiveInfinity,
            Break = Units(options.BreakDuration),
            MaxBreak = Units(options.MaxBreakDuration),
            BreakGrowth = options.BreakGrowth,
            Probes = options.Probes,
            ProbeConcurrency = options.ProbeConcurrency ?? options.Probes,
            // The tiny margin keeps 0.7 x 10 = 7.000000000000001 from requiring eight.
            RequiredProbes = Math.Max(1, (int)Math.Ceiling(options.Probes * options.ProbeSuccessRatio - 1e-9)),
            ProbeTimeout = Units(options.ProbeTimeout),
        };

        long Units(TimeSpan duration) => BreakerSettings.Units(duration, timestampFrequency);
    }
}
