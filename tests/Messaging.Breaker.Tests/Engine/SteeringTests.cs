using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

public class SteeringTests
{
    [Fact]
    public void An_isolation_lasts_until_it_is_released_and_then_the_dependency_is_probed()
    {
        var harness = new EngineHarness();
        Assert.True(harness.Engine.Isolate("maintenance", null, harness.Now));
        harness.Advance(1_000_000);
        Assert.False(harness.Acquire().IsGranted);
        harness.Engine.Release("done", harness.Now);
        Assert.Equal(BreakerState.HalfOpen, harness.Engine.State);
    }

    [Fact]
    public void An_isolation_with_an_expiry_releases_itself()
    {
        var harness = new EngineHarness();
        harness.Engine.Isolate("maintenance", 60 * EngineHarness.Second, harness.Now);
        harness.Advance(59);
        Assert.Equal(BreakerState.Isolated, harness.Engine.State);
        harness.Advance(1);
        Assert.Equal((BreakerState.HalfOpen, TransitionCause.IsolationExpired), (harness.Engine.State, harness.Last.Cause));
    }

    [Fact]
    public void A_disabled_breaker_admits_everything_counts_nothing_and_cannot_be_isolated()
    {
        var harness = new EngineHarness(mode: BreakerMode.Disabled);
        harness.Fail(1_000);
        harness.Engine.Trip("test", 0, harness.Now);
        Assert.False(harness.Engine.Isolate("test", null, harness.Now));
        Assert.Equal(BreakerState.Closed, harness.Engine.State);
        Assert.True(harness.Acquire().IsGranted);
        Assert.Equal(default, harness.Engine.Read(harness.Now).Evidence);
    }

    [Fact]
    public void A_shadow_breaker_reports_a_trip_and_admits_all_the_same()
    {
        var harness = new EngineHarness(mode: BreakerMode.Shadow);
        harness.Fail(10);
        Assert.Equal((BreakerState.Open, BreakerMode.Shadow), (harness.Last.To, harness.Last.Mode));
        Assert.True(harness.Acquire().IsGranted);
        harness.Advance(5);
        harness.Succeed(2);
        Assert.Equal(BreakerState.Closed, harness.Engine.State);
    }

    [Fact]
    public void A_listener_may_act_on_the_engine_and_every_change_arrives_in_order()
    {
        var generations = new List<long>();
        BreakerEngine engine = null!;
        engine = new BreakerEngine(new BreakerOptions().ToSettings(1_000), BreakerMode.Enforcing, 0, new Random(1), change =>
        {
            generations.Add(change.Generation);
            if (change.To == BreakerState.Open)
                engine.Reset("listener", change.At);
        });
        engine.Trip("test", 0, 1);
        engine.Trip("test", 0, 2);
        Assert.Equal([2, 3, 4, 5], generations);
    }
}
