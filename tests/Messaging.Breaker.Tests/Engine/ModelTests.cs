using FsCheck;
using FsCheck.Fluent;
using Messaging.Breaker.Engine;
using Outcome = Messaging.Breaker.Engine.Outcome;

namespace Messaging.Breaker.Tests.Engine;

/// <summary>
/// Random sequences of events against the reference model. A failure prints the shrunk sequence and the seed: set it with
/// <c>WithReplay(new Replay(new Rnd(seed, gamma), null))</c> to see the case again.
/// </summary>
public class ModelTests
{
    static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(2_000).WithEndSize(100);

    [Fact]
    public void Every_sequence_of_events_ends_where_the_model_says() =>
        Prop.ForAll(EngineCommand.Sequences, commands => new Run().Play(commands)).Check(Thorough);

    [Fact]
    public void Every_state_has_an_exit() =>
        Prop.ForAll(EngineCommand.Sequences, commands =>
        {
            var run = new Run();
            run.Play(commands);
            run.Recover();
        }).Check(Thorough.WithMaxTest(1_000));

    [Fact]
    public void The_window_remembers_the_sampling_duration_to_within_a_tenth() =>
        Prop.ForAll(Steps(), WindowIsTrue).Check(Thorough.WithMaxTest(1_000));

    static Arbitrary<(int Gap, bool Fails)[]> Steps() => Arb.From(
        (from gap in Gen.Elements(0, 1, 100, 900, 1_000, 1_001, 5_000, 10_000, 60_000) from fails in Gen.Elements(true, false) select (gap, fails)).ArrayOf());

    static void WindowIsTrue((int Gap, bool Fails)[] steps)
    {
        var harness = new EngineHarness(options =>
            (options.ConsecutiveFailures, options.MinimumThroughput, options.WindowCalls) = (null, 1_000_000, 1_000_000));
        var outcomes = new List<(long At, bool Failed)>();
        foreach (var (gap, fails) in steps)
        {
            harness.Pass(gap / 1_000.0);
            harness.Record(harness.Acquire(), fails ? Outcome.Failure : Outcome.Success);
            outcomes.Add((harness.Now, fails));

            var window = harness.Engine.Read(harness.Now).Evidence;
            var surely = outcomes.FindAll(outcome => outcome.At > harness.Now - 9_000);
            var perhaps = outcomes.FindAll(outcome => outcome.At > harness.Now - 11_000);
            Assert.InRange(window.Total, surely.Count, perhaps.Count);
            Assert.InRange(window.Failures, surely.Count(outcome => outcome.Failed), perhaps.Count(outcome => outcome.Failed));
        }
    }

    sealed class Run
    {
        readonly EngineHarness _harness = new(options => (options.SamplingDuration, options.WindowCalls) = (TimeSpan.FromHours(1), 10_000_000));
        readonly EngineModel _model = new(EngineCommand.Profiles[0]);
        readonly List<Permit> _held = [];
        int _checked;

        public Run() => Engine.Reconfigure(Settings(0));

        BreakerEngine Engine => _harness.Engine;

        double Now => (double)_harness.Now / EngineHarness.Second;

        public void Play(EngineCommand[] commands)
        {
            foreach (var command in commands)
            {
                Do(command);
                CheckChanges();
                _model.Tick(Now);
                _harness.Advance(0);
                CheckChanges();
                Compare();
            }
        }

        /// <summary>Time and working probes lead from wherever it stands to Closed; only an isolation without end needs an operator.</summary>
        public void Recover()
        {
            if (Engine.State == BreakerState.Isolated && Engine.Deadline is null)
                Engine.Release("test", _harness.Now);
            for (var round = 0; Engine.State != BreakerState.Closed; round++)
            {
                Assert.InRange(round, 0, 10);
                if (Engine.Deadline is { } deadline)
                    _harness.Advance((double)(deadline - _harness.Now) / EngineHarness.Second);
                while (Engine.TryAcquire(_harness.Now) is { IsProbe: true } probe)
                    _harness.Record(probe, Outcome.Success);
            }
        }

        void Do(EngineCommand command)
        {
            switch (command)
            {
                case EngineCommand.Acquire:
                    Acquire();
                    break;
                case EngineCommand.Finish(var which, var outcome, var seconds) when TryTake(which, out var permit):
                    Unless(permit, () => _harness.Record(permit, outcome, seconds));
                    _model.Finish(permit, outcome, seconds);
                    break;
                case EngineCommand.FinishFatally(var which, var demanded) when TryTake(which, out var permit):
                    Unless(permit, () => _harness.RecordFatal(permit, demanded));
                    _model.FinishFatally(permit, demanded);
                    break;
                case EngineCommand.Wait(var seconds):
                    _harness.Pass(seconds);
                    break;
                case EngineCommand.Trip(var demanded):
                    Engine.Trip("test", Units(demanded), _harness.Now);
                    _model.Trip(demanded);
                    break;
                case EngineCommand.Isolate(var expiry):
                    Engine.Isolate("test", expiry is { } seconds2 ? Units(seconds2) : null, _harness.Now);
                    _model.Isolate(Now + expiry);
                    break;
                case EngineCommand.Release:
                    Engine.Release("test", _harness.Now);
                    _model.Release();
                    break;
                case EngineCommand.Reset:
                    Engine.Reset("test", _harness.Now);
                    _model.Reset();
                    break;
                case EngineCommand.SetMode(var mode):
                    Engine.SetMode(mode, "test", _harness.Now);
                    _model.SetMode(mode);
                    break;
                case EngineCommand.Reconfigure(var profile):
                    Engine.Reconfigure(Settings(profile));
                    _model.Reconfigure(EngineCommand.Profiles[profile]);
                    break;
            }
        }

        void Acquire()
        {
            var permit = _harness.Acquire();
            var admitted = permit switch
            {
                { IsGranted: false } => Admitted.No,
                { IsProbe: true } => Admitted.AsProbe,
                { IsCounted: true } => Admitted.Counted,
                _ => Admitted.Uncounted,
            };
            Assert.Equal(_model.Admits(), admitted);
            if (admitted == Admitted.AsProbe)
                _model.Admit(permit, Now);
            if (admitted != Admitted.No)
                _held.Add(permit);
        }

        /// <summary>A probe stays among the permits that may be used, since using it again must change nothing.</summary>
        bool TryTake(int which, out Permit permit)
        {
            permit = default;
            if (_held.Count == 0)
                return false;
            permit = _held[which % _held.Count];
            if (!permit.IsProbe && Engine.IsCurrent(permit))
                _held.Remove(permit);
            return true;
        }

        void Unless(Permit permit, Action use)
        {
            var (isStale, before) = (!Engine.IsCurrent(permit), Engine.Read(_harness.Now));
            use();
            if (isStale)
                Assert.Equal(before, Engine.Read(_harness.Now));
        }

        void CheckChanges()
        {
            var changes = _harness.Changes;
            for (; _checked < changes.Count; _checked++)
            {
                var change = changes[_checked];
                Assert.Equal(_checked + 2, change.Generation);
                Assert.Equal(_checked == 0 ? BreakerState.Closed : changes[_checked - 1].To, change.From);
                if (change is { From: BreakerState.Open, To: BreakerState.HalfOpen })
                    Assert.True(change.At >= changes[_checked - 1].At + changes[_checked - 1].Break, "Open ended early");
                if (change.To != BreakerState.Open)
                    continue;
                var (shortest, longest) = _model.Break;
                Assert.InRange(change.Break!.Value, Units(shortest), Units(longest));
                _model.Until = (double)(change.At + change.Break.Value) / EngineHarness.Second;
            }
        }

        void Compare()
        {
            Assert.Equal(
                (_model.State, _model.Mode, _model.Generation, _model.Evidence),
                (Engine.State, Engine.Mode, Engine.Generation, Engine.Read(_harness.Now).Evidence));
        }

        static long Units(double seconds) => (long)(seconds * EngineHarness.Second);

        static BreakerSettings Settings(int profile) => new(EngineCommand.Profiles[profile], EngineHarness.Second);
    }
}
