using FsCheck;
using FsCheck.Fluent;
using Outcome = Messaging.Breaker.Engine.Outcome;

namespace Messaging.Breaker.Tests.Engine;

/// <summary>One event in the life of an engine; prints as the test would have been written.</summary>
abstract record EngineCommand
{
    public static readonly BreakerOptions[] Profiles =
    [
        Profile(options => (options.MinimumThroughput, options.ConsecutiveFailures) = (6, 4)),
        Profile(options =>
        {
            (options.MinimumThroughput, options.ConsecutiveFailures, options.FailureRatio) = (4, null, 0.7);
            (options.SlowCallDuration, options.SlowCallRatio) = (TimeSpan.FromSeconds(1), 0.4);
            (options.Probes, options.ProbeConcurrency, options.ProbeSuccessRatio) = (5, 2, 1);
            (options.BreakDuration, options.MaxBreakDuration, options.BreakGrowth) = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), 3);
        }),
        Profile(options => (options.ConsecutiveFailures, options.Probes, options.BreakGrowth) = (2, 1, 1)),
    ];

    static readonly Gen<EngineCommand> Any = Gen.Frequency<EngineCommand>(
        (30, Gen.Constant<EngineCommand>(new Acquire())),
        (40, from which in Gen.Choose(0, 99)
             from outcome in Gen.Elements(Outcome.Success, Outcome.Success, Outcome.Failure, Outcome.Failure, Outcome.Ignored)
             from seconds in Gen.Elements(0.1, 0.1, 1.0, 2.0)
             select (EngineCommand)new Finish(which, outcome, seconds)),
        (2, from which in Gen.Choose(0, 99) from demanded in Gen.Elements(0.0, 7.0, 90.0) select (EngineCommand)new FinishFatally(which, demanded)),
        (14, Gen.Elements(0.1, 1, 4.9, 5, 10, 30).Select(seconds => (EngineCommand)new Wait(seconds))),
        (2, Gen.Elements(0.0, 20.0).Select(demanded => (EngineCommand)new Trip(demanded))),
        (2, Gen.Elements<double?>(null, 10, 60).Select(expiry => (EngineCommand)new Isolate(expiry))),
        (4, Gen.Constant<EngineCommand>(new Release())),
        (1, Gen.Constant<EngineCommand>(new Reset())),
        (2, Gen.Elements(Enum.GetValues<BreakerMode>()).Select(mode => (EngineCommand)new SetMode(mode))),
        (2, Gen.Choose(0, Profiles.Length - 1).Select(profile => (EngineCommand)new Reconfigure(profile))));

    public static Arbitrary<EngineCommand[]> Sequences { get; } = Arb.From(Any.ArrayOf(), Shorter);

    static IEnumerable<EngineCommand[]> Shorter(EngineCommand[] commands)
    {
        for (var chunk = commands.Length / 2; chunk > 0; chunk /= 2)
            for (var start = 0; start + chunk <= commands.Length; start += chunk)
                yield return [.. commands[..start], .. commands[(start + chunk)..]];
    }

    static BreakerOptions Profile(Action<BreakerOptions> configure)
    {
        // Nothing leaves the window within a sequence: forgetting has tests of its own.
        var options = new BreakerOptions { SamplingDuration = TimeSpan.FromHours(1), WindowCalls = 10_000_000 };
        configure(options);
        return options;
    }

    public sealed record Acquire : EngineCommand;

    public sealed record Finish(int Which, Outcome Outcome, double Seconds) : EngineCommand;

    public sealed record FinishFatally(int Which, double Demanded) : EngineCommand;

    public sealed record Wait(double Seconds) : EngineCommand;

    public sealed record Trip(double Demanded) : EngineCommand;

    public sealed record Isolate(double? Expiry) : EngineCommand;

    public sealed record Release : EngineCommand;

    public sealed record Reset : EngineCommand;

    public sealed record SetMode(BreakerMode Mode) : EngineCommand;

    public sealed record Reconfigure(int Profile) : EngineCommand;
}
