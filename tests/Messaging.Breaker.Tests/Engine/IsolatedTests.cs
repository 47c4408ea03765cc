using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

public class IsolatedTests
{
    [Fact]
    public void Nothing_is_admitted_and_no_probe_under_way_counts()
    {
        var harness = new EngineHarness();
        harness.GoHalfOpen();
        var probe = harness.Acquire();
        harness.Engine.Isolate("maintenance", null, harness.Now);
        harness.Record(probe, Outcome.Success);
        harness.Engine.RecordFatal(probe, TransitionCause.TripImmediately, "late", 0, harness.Now);
        Assert.False(harness.Acquire().IsGranted);
        Assert.Equal(BreakerState.Isolated, harness.Engine.State);
    }

    [Fact]
    public void Another_isolation_replaces_the_first()
    {
        var harness = new EngineHarness();
        harness.Engine.Isolate("a minute", 60_000, harness.Now);
        harness.Engine.Isolate("an hour", 3_600_000, harness.Now);
        harness.Advance(3_599);
        Assert.Equal(BreakerState.Isolated, harness.Engine.State);
        harness.Advance(1);
        Assert.Equal(BreakerState.HalfOpen, harness.Engine.State);
    }

    [Fact]
    public void A_trip_does_not_shorten_an_isolation()
    {
        var harness = new EngineHarness();
        harness.Engine.Isolate("maintenance", null, harness.Now);
        harness.Engine.Trip("test", 0, harness.Now);
        Assert.Equal("maintenance", Assert.Single(harness.Changes).Reason);
    }

    [Fact]
    public void Reset_ends_an_isolation_without_probing()
    {
        var harness = new EngineHarness();
        harness.Engine.Isolate("maintenance", null, harness.Now);
        harness.Engine.Reset("done", harness.Now);
        Assert.True(harness.Acquire() is { IsGranted: true, IsProbe: false });
    }

    [Theory]
    [InlineData(BreakerState.Closed)]
    [InlineData(BreakerState.Open)]
    [InlineData(BreakerState.HalfOpen)]
    public void Release_does_nothing_in_any_other_state(BreakerState state)
    {
        var harness = new EngineHarness();
        harness.GoTo(state);
        var changes = harness.Changes.Count;
        harness.Engine.Release("test", harness.Now);
        Assert.Equal((state, changes), (harness.Engine.State, harness.Changes.Count));
    }

    [Theory]
    [InlineData(BreakerState.Closed)]
    [InlineData(BreakerState.Open)]
    [InlineData(BreakerState.HalfOpen)]
    public void Every_state_can_be_isolated_and_is_probed_afterwards(BreakerState state)
    {
        var harness = new EngineHarness();
        harness.GoTo(state);
        harness.Engine.Isolate("maintenance", 1_000, harness.Now);
        harness.Advance(1);
        harness.Succeed(2);
        Assert.Equal(BreakerState.Closed, harness.Engine.State);
    }

    [Fact]
    public void An_expiry_beyond_the_end_of_the_clock_is_for_ever()
    {
        var harness = new EngineHarness();
        harness.Engine.Isolate("maintenance", long.MaxValue, harness.Now);
        harness.Advance(1);
        Assert.Equal(BreakerState.Isolated, harness.Engine.State);
    }
}
