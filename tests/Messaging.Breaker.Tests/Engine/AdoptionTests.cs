using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

public class AdoptionTests
{
    [Theory]
    [InlineData(BreakerState.Open)]
    [InlineData(BreakerState.HalfOpen)]
    [InlineData(BreakerState.Isolated)]
    public void What_the_fleet_decided_is_taken_over_as_a_change_of_the_fleet(BreakerState state)
    {
        var harness = new EngineHarness();
        Adopt(harness, state, seconds: 7);
        Assert.Equal(
            (state, TransitionCause.ProbesFailed, "fleet", new Origin(true, "other")),
            (harness.Engine.State, harness.Last.Cause, harness.Last.Reason, harness.Last.Origin));
        Adopt(harness, BreakerState.Closed);
        Assert.Equal(BreakerState.Closed, harness.Engine.State);
    }

    [Fact]
    public void A_decision_about_an_outdated_state_is_not_adopted()
    {
        var harness = new EngineHarness();
        var generation = harness.Engine.Generation;
        harness.Engine.Isolate("maintenance", null, harness.Now);
        harness.Engine.Adopt(
            new FleetDecision(generation, BreakerState.Closed, BreakerMode.Enforcing, TransitionCause.Operator, "late", null, new Origin(true, "other")), harness.Now);
        Assert.Equal("maintenance", harness.Engine.Read(harness.Now).Reason);
    }

    [Fact]
    public void Adopting_the_present_state_prolongs_it_without_a_change()
    {
        var harness = new EngineHarness();
        Adopt(harness, BreakerState.Open, seconds: 5);
        harness.Advance(4);
        Adopt(harness, BreakerState.Open, seconds: 5);
        Assert.Single(harness.Changes);
        harness.Advance(4);
        Assert.Equal(BreakerState.Open, harness.Engine.State);
        harness.Advance(1);
        Assert.Equal(BreakerState.HalfOpen, harness.Engine.State);
    }

    [Theory]
    [InlineData(BreakerState.Open)]
    [InlineData(BreakerState.Isolated)]
    public void The_end_of_a_break_waits_for_permission_until_the_grace_has_passed(BreakerState state)
    {
        var harness = new EngineHarness();
        harness.Engine.SetGrace(3 * EngineHarness.Second, harness.Now);
        Adopt(harness, state, seconds: 5);
        Assert.Equal(harness.Now + 8 * EngineHarness.Second, harness.Engine.Deadline);
        harness.Advance(7.9);
        Assert.Equal(state, harness.Engine.State);
        harness.Advance(0.1);
        Assert.Equal(BreakerState.HalfOpen, harness.Engine.State);
    }

    [Fact]
    public void A_grace_that_is_withdrawn_ends_what_waited_for_it()
    {
        var harness = new EngineHarness();
        harness.Engine.SetGrace(60 * EngineHarness.Second, harness.Now);
        Adopt(harness, BreakerState.Open, seconds: 5);
        harness.Advance(6);
        harness.Engine.SetGrace(0, harness.Now);
        Assert.Equal((BreakerState.HalfOpen, default(Origin)), (harness.Engine.State, harness.Last.Origin));
    }

    [Fact]
    public void The_breaks_of_others_make_the_next_own_one_longer()
    {
        var longest = 0L;
        for (var seed = 1; seed < 10; seed++)
            longest = Math.Max(longest, BreakAfter(seed));
        Assert.True(longest > 4 * 5 * EngineHarness.Second, "the breaks of other instances were not counted");

        static long BreakAfter(int seed)
        {
            var harness = new EngineHarness(seed: seed);
            for (var other = 0; other < 4; other++)
                Adopt(harness, BreakerState.Open, seconds: 5);
            harness.Pass(600);
            Adopt(harness, BreakerState.HalfOpen);
            harness.Fail(3);
            return harness.Last.Break ?? 0;
        }
    }

    [Fact]
    public void A_disabled_breaker_stays_closed_whatever_the_fleet_does()
    {
        var harness = new EngineHarness(mode: BreakerMode.Disabled);
        Adopt(harness, BreakerState.Open, BreakerMode.Disabled, 5);
        Assert.Empty(harness.Changes);
        Adopt(harness, BreakerState.Open, BreakerMode.Enforcing, 5);
        Assert.Equal((BreakerState.Open, BreakerMode.Enforcing), (harness.Engine.State, harness.Engine.Mode));
    }

    static void Adopt(EngineHarness harness, BreakerState state, BreakerMode mode = BreakerMode.Enforcing, double? seconds = null) => harness.Engine.Adopt(
        new FleetDecision(
            harness.Engine.Generation,
            state,
            mode,
            TransitionCause.ProbesFailed,
            "fleet",
            seconds is { } length ? harness.Now + (long)(length * EngineHarness.Second) : null,
            new Origin(true, "other")),
        harness.Now);
}
