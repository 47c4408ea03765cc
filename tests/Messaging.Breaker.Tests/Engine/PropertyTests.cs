using FsCheck;
using FsCheck.Fluent;
using Messaging.Breaker.Engine;
using Outcome = Messaging.Breaker.Engine.Outcome;

namespace Messaging.Breaker.Tests.Engine;

/// <summary>Random sequences of events against a reference model that knows only states, breaks and rounds.</summary>
public class PropertyTests
{
    [Fact]
    public void Any_sequence_of_events_agrees_with_the_model() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int[]>(), Agrees).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000).WithEndSize(200));

    static bool Agrees(int[] events)
    {
        var harness = new EngineHarness(options => (options.Probes, options.ProbeConcurrency) = (4, 2));
        var permits = new List<Permit>();
        var model = new Model();
        foreach (var choice in events)
        {
            Step(harness, model, permits, Math.Abs((long)choice));
            model.Hear(harness.Changes);
            Check(harness, model);
        }

        return HasExit(harness);
    }

    static void Step(EngineHarness harness, Model model, List<Permit> permits, long choice)
    {
        var argument = choice / 20;
        switch (choice % 20)
        {
            case < 5:
                var permit = harness.Acquire();
                model.Acquired(permit, harness.Changes);
                if (permit.IsGranted)
                    permits.Add(permit);
                break;
            case < 11 when permits.Count > 0:
                var held = permits[(int)(argument % permits.Count)];
                RecordAndCheckStaleness(harness, held, (Outcome)(choice % 3));
                model.Recorded(held);
                break;
            case 11 or 12:
                harness.Advance(argument % 40 * 0.5);
                break;
            case 13:
                harness.Engine.Trip("random", argument % 90 * EngineHarness.Second, harness.Now);
                break;
            case 14:
                harness.Engine.Isolate("random", (1 + argument % 50) * EngineHarness.Second, harness.Now);
                break;
            case 15 when argument % 2 == 0:
                harness.Engine.Release("random", harness.Now);
                break;
            case 15:
                harness.Engine.Reset("random", harness.Now);
                break;
            case 16 or 17:
                Adopt(harness, model, argument);
                break;
            case 18:
                harness.Engine.SetGrace(argument % 10 * EngineHarness.Second, harness.Now);
                break;
        }
    }

    static void Adopt(EngineHarness harness, Model model, long argument)
    {
        var isLate = argument % 5 == 0;
        var state = (BreakerState)(argument / 5 % 4);
        long? until = state is BreakerState.Open or BreakerState.Isolated ? harness.Now + argument % 60 * EngineHarness.Second : null;
        var before = harness.Engine.Read(harness.Now);
        harness.Engine.Adopt(
            new FleetDecision(
                harness.Engine.Generation - (isLate ? 1 : 0), state, BreakerMode.Enforcing, TransitionCause.ProbesFailed, "fleet", until, new Origin(true, "other")),
            harness.Now);
        if (isLate)
            Assert.Equal(before, harness.Engine.Read(harness.Now));
        else
            model.Adopted(state, until);
    }

    static void RecordAndCheckStaleness(EngineHarness harness, Permit permit, Outcome outcome)
    {
        var before = harness.Engine.Read(harness.Now);
        var isStale = !harness.Engine.IsCurrent(permit);
        harness.Record(permit, outcome);
        if (isStale)
            Assert.Equal(before, harness.Engine.Read(harness.Now));
    }

    static void Check(EngineHarness harness, Model model)
    {
        Assert.Equal(model.State, harness.Engine.State);
        Assert.Equal(model.Generation, harness.Engine.Generation);
        Assert.True(model.ProbesOut <= 2, "more probes are out than may run at once");
        Assert.True(harness.Engine.Read(harness.Now).Evidence.Total <= 4 || model.State == BreakerState.Closed, "a round has more probes than it should");
    }

    /// <summary>Time and successful probes lead back to Closed from any state.</summary>
    static bool HasExit(EngineHarness harness)
    {
        for (var round = 0; round < 10 && harness.Engine.State != BreakerState.Closed; round++)
        {
            harness.Advance(120);
            for (var probe = 0; probe < 4; probe++)
                if (harness.Acquire() is { IsGranted: true } permit)
                    harness.Record(permit, Outcome.Success);
        }

        return harness.Engine.State == BreakerState.Closed;
    }

    sealed class Model
    {
        readonly HashSet<Permit> _out = [];
        int _heard;
        long _until;

        public BreakerState State { get; private set; }

        public long Generation { get; private set; } = 1;

        public int ProbesOut => _out.Count;

        public void Acquired(Permit permit, List<StateChange> changes)
        {
            Hear(changes);
            Assert.Equal(permit.IsGranted, permit.Generation == Generation);
            Assert.False(permit.IsGranted && State is BreakerState.Open or BreakerState.Isolated, "an open breaker admitted a message");
            if (permit.IsProbe)
                _out.Add(permit);
        }

        /// <summary>Adopting the present state only prolongs it; no change is reported.</summary>
        public void Adopted(BreakerState state, long? until)
        {
            if (state == State && until is { } end)
                _until = end;
        }

        public void Recorded(Permit permit) => _out.Remove(permit);

        public void Hear(List<StateChange> changes)
        {
            for (; _heard < changes.Count; _heard++)
            {
                var change = changes[_heard];
                Assert.Equal((State, Generation + 1), (change.From, change.Generation));
                Assert.True(change.Origin.IsFleet || IsAllowed(change), $"{change.From} to {change.To} by {change.Cause}");
                (State, Generation) = (change.To, change.Generation);
                _until = change.At + (change.Break ?? 0);
                _out.Clear();
            }
        }

        /// <summary>Open ends after its time or by an operator. Every other way out of a state has its own cause.</summary>
        bool IsAllowed(StateChange change) => (change.From, change.To, change.Cause) switch
        {
            (_, BreakerState.Isolated or BreakerState.Closed, TransitionCause.Operator) => true,
            (BreakerState.Isolated, BreakerState.HalfOpen, TransitionCause.Operator) => true,
            (BreakerState.Isolated, BreakerState.HalfOpen, TransitionCause.IsolationExpired) => change.At >= _until,
            (BreakerState.Open, BreakerState.HalfOpen, TransitionCause.BreakElapsed) => change.At >= _until,
            (BreakerState.Closed or BreakerState.HalfOpen, BreakerState.Open, TransitionCause.Operator) => true,
            (BreakerState.Closed, BreakerState.Open, TransitionCause.FailureRatio or TransitionCause.ConsecutiveFailures) => true,
            (BreakerState.HalfOpen, BreakerState.Open, TransitionCause.ProbesFailed) => true,
            (BreakerState.HalfOpen, BreakerState.Closed, TransitionCause.ProbesSucceeded) => true,
            _ => false,
        };
    }
}
