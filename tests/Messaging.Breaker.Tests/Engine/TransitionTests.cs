using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

public class TransitionTests
{
    [Fact]
    public void A_transition_tells_everything_about_a_trip()
    {
        var harness = new EngineHarness(options => options.ConsecutiveFailures = null);
        harness.Succeed(10);
        harness.Fail(10);
        Assert.Equal(
            new StateChange(
                BreakerState.Closed,
                BreakerState.Open,
                TransitionCause.FailureRatio,
                "10 of 20 calls failed",
                harness.Now,
                2,
                new WindowSnapshot(20, 10, 0),
                5 * EngineHarness.Second,
                BreakerMode.Enforcing),
            Assert.Single(harness.Changes));
    }

    [Fact]
    public void A_full_cycle_names_each_cause_and_counts_the_generations_up()
    {
        var harness = new EngineHarness();
        harness.Fail(10);
        harness.Advance(5);
        harness.Fail(2);
        harness.Advance(60);
        harness.Succeed(2);
        harness.Engine.Isolate("works", 60 * EngineHarness.Second, harness.Now);
        harness.Advance(60);
        harness.Engine.Reset("fixed", harness.Now);
        harness.Engine.SetMode(BreakerMode.Shadow, "trying", harness.Now);

        Assert.Equal(
            [
                (BreakerState.Open, TransitionCause.ConsecutiveFailures, "10 failures or slow calls in a row"),
                (BreakerState.HalfOpen, TransitionCause.BreakElapsed, "the break has passed"),
                (BreakerState.Open, TransitionCause.ProbesFailed, "2 of 2 probes failed"),
                (BreakerState.HalfOpen, TransitionCause.BreakElapsed, "the break has passed"),
                (BreakerState.Closed, TransitionCause.ProbesSucceeded, "2 of 2 probes succeeded"),
                (BreakerState.Isolated, TransitionCause.Operator, "works"),
                (BreakerState.HalfOpen, TransitionCause.IsolationExpired, "the isolation expired"),
                (BreakerState.Closed, TransitionCause.Operator, "fixed"),
                (BreakerState.Closed, TransitionCause.ModeChanged, "trying"),
            ],
            harness.Changes.Select(change => (change.To, change.Cause, change.Reason)));
        Assert.Equal(Enumerable.Range(2, 9).Select(n => (long)n), harness.Changes.Select(change => change.Generation));
        Assert.Equal([BreakerState.Closed, .. harness.Changes.SkipLast(1).Select(change => change.To)], harness.Changes.Select(change => change.From));
    }

    [Fact]
    public void A_transition_has_a_break_only_if_its_end_is_known()
    {
        var harness = new EngineHarness();
        harness.Engine.Isolate("for ever", null, harness.Now);
        Assert.Null(harness.Last.Break);
        Assert.Null(harness.Engine.Deadline);
        harness.Engine.Isolate("for a minute", 60_000, harness.Now);
        Assert.Equal(60_000, harness.Last.Break);
        harness.Engine.Release("done", harness.Now);
        Assert.Null(harness.Last.Break);
    }

    [Fact]
    public async Task A_listener_holds_no_lock()
    {
        BreakerEngine engine = null!;
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        engine = new BreakerEngine(new BreakerOptions().ToSettings(1_000), BreakerMode.Enforcing, 0, new Random(1), change =>
        {
            entered.Release();
            leave.Wait(TimeSpan.FromSeconds(30));
        });
        var trip = Task.Run(() => engine.Trip("test", 0, 1), TestContext.Current.CancellationToken);
        await entered.WaitAsync(TestContext.Current.CancellationToken);

        engine.Reset("while the listener is busy", 2);
        Assert.False(trip.IsCompleted);
        Assert.Equal((BreakerState.Closed, 3), (engine.State, engine.Generation));
        leave.Release(2);
        await trip;
    }

    [Fact]
    public void A_listener_is_not_entered_again_while_it_runs()
    {
        var order = new List<string>();
        BreakerEngine engine = null!;
        engine = new BreakerEngine(new BreakerOptions().ToSettings(1_000), BreakerMode.Enforcing, 0, new Random(1), change =>
        {
            order.Add($"enter {change.Generation}");
            if (change.Generation == 2)
                engine.Isolate("listener", null, change.At);
            order.Add($"leave {change.Generation}");
        });
        engine.Trip("test", 0, 1);
        Assert.Equal(["enter 2", "leave 2", "enter 3", "leave 3"], order);
    }
}
