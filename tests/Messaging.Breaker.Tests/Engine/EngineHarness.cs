using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

/// <summary>An engine on a clock of 1,000 units a second that only the test moves.</summary>
sealed class EngineHarness
{
    public const long Second = 1_000;

    public EngineHarness(Action<BreakerOptions>? configure = null, BreakerMode mode = BreakerMode.Enforcing, int seed = 1)
    {
        configure?.Invoke(Options);
        Engine = new BreakerEngine(Options.ToSettings(Second), mode, Now, new Random(seed), change => Changes.Add(change));
    }

    public BreakerOptions Options { get; } = new();

    public BreakerEngine Engine { get; }

    public long Now { get; private set; } = 1_000_000;

    public List<StateChange> Changes { get; } = [];

    public StateChange Last => Changes[^1];

    public Permit Acquire() => Engine.TryAcquire(Now);

    public void Advance(double seconds)
    {
        Now += (long)(seconds * Second);
        Engine.Advance(Now);
    }

    public void Record(Permit permit, Outcome outcome, double seconds = 0.001) =>
        Engine.Record(permit, outcome, (long)(seconds * Second), Now);

    public void Succeed(int times = 1) => Repeat(times, Outcome.Success);

    public void Fail(int times = 1) => Repeat(times, Outcome.Failure);

    public void BeSlow(int times = 1) => Repeat(times, Outcome.Success, 10);

    /// <summary>Trips the breaker and lets the break pass.</summary>
    public void GoHalfOpen()
    {
        Engine.Trip("test", 0, Now);
        Advance(Options.MaxBreakDuration.TotalSeconds);
        Assert.Equal(BreakerState.HalfOpen, Engine.State);
    }

    public void GoTo(BreakerState state)
    {
        switch (state)
        {
            case BreakerState.Open:
                Engine.Trip("test", 0, Now);
                break;
            case BreakerState.HalfOpen:
                GoHalfOpen();
                break;
            case BreakerState.Isolated:
                Engine.Isolate("test", null, Now);
                break;
        }
    }

    /// <summary>Lets time pass without telling the engine.</summary>
    public void Pass(double seconds) => Now += (long)(seconds * Second);

    public void RecordFatal(Permit permit, double minimumBreak = 0) => Engine.RecordFatal(permit, TransitionCause.TripImmediately, "fatal", (long)(minimumBreak * Second), Now);

    public void Reconfigure(Action<BreakerOptions> configure)
    {
        configure(Options);
        Engine.Reconfigure(Options.ToSettings(Second));
    }

    void Repeat(int times, Outcome outcome, double seconds = 0.001)
    {
        for (var i = 0; i < times; i++)
            Record(Acquire(), outcome, seconds);
    }
}
