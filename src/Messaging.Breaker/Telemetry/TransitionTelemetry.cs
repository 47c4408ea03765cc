namespace Messaging.Breaker.Telemetry;

/// <summary>Counts the transitions, and leaves a span of no length for each: in the trace of the message that caused it, if one did.</summary>
sealed class TransitionTelemetry(BreakerMeter meter)
{
    public void Add(Transition transition)
    {
        meter.Transitions.Add(
            1,
            Tags.Of(Tags.Breaker, transition.Breaker),
            Tags.Of(Tags.State, Words.Of(transition.To)),
            Tags.Of(Tags.Cause, Words.Of(transition.Cause)));
        var span = BreakerSpans.Start($"{transition.Breaker} {Words.Of(transition.To)}");
        span?.SetTag(Tags.Breaker, transition.Breaker)
            .SetTag(Tags.PreviousState, Words.Of(transition.From))
            .SetTag(Tags.State, Words.Of(transition.To))
            .SetTag(Tags.Cause, Words.Of(transition.Cause))
            .SetTag(Tags.Mode, Words.Of(transition.Mode))
            .SetTag(Tags.Reason, transition.Reason);
        BreakerSpans.End(span);
    }
}
