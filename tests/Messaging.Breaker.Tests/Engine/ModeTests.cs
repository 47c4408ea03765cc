using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

public class ModeTests
{
    [Theory]
    [InlineData(BreakerMode.Shadow)]
    [InlineData(BreakerMode.Disabled)]
    public void A_change_of_mode_starts_over_in_Closed_with_an_empty_window(BreakerMode mode)
    {
        var harness = new EngineHarness();
        var early = harness.Acquire();
        harness.Fail(5);
        harness.Engine.SetMode(mode, "test", harness.Now);
        harness.Record(early, Outcome.Failure);
        Assert.Equal((BreakerState.Closed, mode, default), (harness.Engine.State, harness.Engine.Mode, harness.Engine.Read(harness.Now).Evidence));
        Assert.Equal((TransitionCause.ModeChanged, mode, new WindowSnapshot(5, 5, 0)), (harness.Last.Cause, harness.Last.Mode, harness.Last.Window));
    }

    [Fact]
    public void Setting_the_same_mode_changes_nothing()
    {
        var harness = new EngineHarness();
        harness.Fail(10);
        harness.Engine.SetMode(BreakerMode.Enforcing, "again", harness.Now);
        Assert.Equal(BreakerState.Open, harness.Engine.State);
    }

    [Fact]
    public void Disabling_an_open_breaker_lets_everything_through_at_once()
    {
        var harness = new EngineHarness();
        harness.Fail(10);
        harness.Engine.SetMode(BreakerMode.Disabled, "test", harness.Now);
        Assert.True(harness.Acquire() is { IsGranted: true, IsCounted: false });
    }

    [Fact]
    public void What_a_shadow_breaker_would_have_refused_counts_for_nothing()
    {
        var harness = new EngineHarness(mode: BreakerMode.Shadow);
        harness.Fail(10);
        harness.Fail(100);
        Assert.Equal(BreakerState.Open, Assert.Single(harness.Changes).To);
    }

    [Fact]
    public void A_shadow_breaker_takes_as_many_probes_as_an_enforcing_one_and_admits_the_rest_uncounted()
    {
        var harness = new EngineHarness(mode: BreakerMode.Shadow);
        harness.GoHalfOpen();
        var permits = Enumerable.Range(0, 10).Select(_ => harness.Acquire()).ToList();
        Assert.Equal(3, permits.Count(permit => permit.IsProbe));
        Assert.All(permits.Skip(3), permit => Assert.True(permit is { IsGranted: true, IsCounted: false }));
    }

    [Fact]
    public void Fatal_failures_do_not_trip_a_disabled_breaker()
    {
        var harness = new EngineHarness(mode: BreakerMode.Disabled);
        harness.Engine.RecordFatal(harness.Acquire(), TransitionCause.TripImmediately, "HTTP 503", 0, harness.Now);
        Assert.Empty(harness.Changes);
    }
}
