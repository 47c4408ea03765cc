using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Tests.Sharing;

public class DecisionTests
{
    [Theory]
    [InlineData(TransitionCause.ConsecutiveFailures, 4, BreakerState.Closed, TransitionCause.ProbesSucceeded, true)]
    [InlineData(TransitionCause.ConsecutiveFailures, 3, BreakerState.Closed, TransitionCause.ProbesSucceeded, true)]
    [InlineData(TransitionCause.ConsecutiveFailures, 5, BreakerState.Closed, TransitionCause.ProbesSucceeded, false)]
    [InlineData(TransitionCause.Operator, 5, BreakerState.Open, TransitionCause.ProbesFailed, true)]
    [InlineData(TransitionCause.Operator, 5, BreakerState.Isolated, TransitionCause.Operator, false)]
    [InlineData(TransitionCause.ModeChanged, 5, BreakerState.Isolated, TransitionCause.Operator, false)]
    [InlineData(TransitionCause.BreakElapsed, 5, BreakerState.Closed, TransitionCause.ModeChanged, false)]
    [InlineData(TransitionCause.ProbesSucceeded, 5, BreakerState.HalfOpen, TransitionCause.BreakElapsed, true)]
    [InlineData(TransitionCause.ProbesSucceeded, 5, BreakerState.HalfOpen, TransitionCause.Operator, false)]
    [InlineData(TransitionCause.ProbesSucceeded, 5, BreakerState.Open, TransitionCause.ProbesFailed, false)]
    public void Of_two_decisions_that_knew_nothing_of_each_other_one_prevails(
        TransitionCause cause, long version, BreakerState state, TransitionCause other, bool prevails)
    {
        var decision = Decide(cause, baseVersion: 4);
        Assert.Equal(prevails, decision.Prevails(Fleets(version, state, other, "two"), "one"));
        Assert.True(decision.Prevails(Fleets(version, state, other, "one"), "one"), "an instance's own earlier decision stood in the way");
        Assert.True(decision.Prevails(null, "one"));
    }

    [Fact]
    public void A_decision_is_recognised_in_the_state_that_the_store_holds()
    {
        var decision = Decide(TransitionCause.Operator, baseVersion: 4);
        var told = Fleets(5, BreakerState.Open, TransitionCause.Operator, "one");
        Assert.True(decision.IsToldBy(told, "one"));
        Assert.False(decision.IsToldBy(told with { Version = 4 }, "one"));
        Assert.False(decision.IsToldBy(told with { Reason = "another" }, "one"));
        Assert.False(decision.IsToldBy(told, "two"));
        Assert.False(decision.IsToldBy(null, "one"));
    }

    static UntoldTransition Decide(TransitionCause cause, long baseVersion) => new(
        new Transition
        {
            Breaker = "payments",
            From = BreakerState.Closed,
            To = BreakerState.Open,
            Cause = cause,
            Reason = "why",
            At = default,
            Generation = 7,
            Window = default,
            Mode = BreakerMode.Enforcing,
        },
        0,
        baseVersion,
        UntoldTransition.IsByOperator(cause));

    static SharedBreakerState Fleets(long version, BreakerState state, TransitionCause cause, string instance) =>
        new()
        {
            Breaker = "payments",
            Version = version,
            State = state,
            Cause = cause,
            Reason = "why",
            Instance = instance,
            Age = TimeSpan.Zero,
        };
}
