namespace Messaging.Breaker.Engine;

/// <summary>Validated options in the engine's units: durations are differences of timestamps. Never changes; a reload makes a new one.</summary>
sealed record BreakerSettings
{
    readonly long _frequency;

    public BreakerSettings(BreakerOptions options, long timestampFrequency)
    {
        _frequency = timestampFrequency;
        FailureRatio = options.FailureRatio;
        MinimumThroughput = options.MinimumThroughput;
        ConsecutiveFailures = options.ConsecutiveFailures ?? int.MaxValue;
        Sampling = Units(options.SamplingDuration);
        BucketSpan = Math.Max(1, Sampling / SlidingWindow.Buckets);
        BucketCalls = Math.Max(1, options.WindowCalls / SlidingWindow.Buckets);
        SlowCall = options.SlowCallDuration is { } slow ? Units(slow) : long.MaxValue;
        SlowCallRatio = options.SlowCallRatio ?? double.PositiveInfinity;
        Break = Units(options.BreakDuration);
        MaxBreak = Units(options.MaxBreakDuration);
        BreakGrowth = options.BreakGrowth;
        Probes = options.Probes;
        ProbeConcurrency = options.ProbeConcurrency ?? options.Probes;
        ProbeTimeout = Units(options.ProbeTimeout);
        // The hair's breadth keeps 0.7 x 10 = 7.000000000000001 from asking for eight.
        RequiredProbes = Math.Max(1, (int)Math.Ceiling(options.Probes * options.ProbeSuccessRatio - 1e-9));
    }

    public double FailureRatio { get; }
    public int MinimumThroughput { get; }
    public int ConsecutiveFailures { get; }
    public long Sampling { get; }
    public long BucketSpan { get; }
    public int BucketCalls { get; }
    public long SlowCall { get; }
    public double SlowCallRatio { get; }
    public long Break { get; }
    public long MaxBreak { get; }
    public double BreakGrowth { get; }
    public int Probes { get; }
    public int ProbeConcurrency { get; }
    public int RequiredProbes { get; }
    public long ProbeTimeout { get; }

    public long Units(TimeSpan duration) => (long)(duration.TotalSeconds * _frequency);

    public TimeSpan Duration(long units) => TimeSpan.FromSeconds((double)units / _frequency);
}
