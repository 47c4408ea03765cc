using Messaging.Breaker.Diagnostics;

namespace Messaging.Breaker.Telemetry;

/// <summary>
/// Counts the transitions, and creates a span without length for each: in the trace of the message that caused it, if one did.
/// </summary>
sealed class TransitionTelemetry(BreakerMeter meter)
{
    public void Add(Transition transition)
    {
        meter.Transitions.Add(
            1,
            Tags.Of(Tags.Breaker, transition.Breaker),
            Tags.Of(Tags.State, SnakeCase.Of(transition.To)),
            Tags.Of(Tags.Cause, SnakeCase.Of(transition.Cause)));
        var span = BreakerSpans.Start($"{transition.Breaker} {SnakeCase.Of(transition.To)}");
        span?.SetTag(Tags.Breaker, transition.Breaker)
            .SetTag(Tags.PreviousState, SnakeCase.Of(transition.From))
            .SetTag(Tags.State, SnakeCase.Of(transition.To))
            .SetTag(Tags.Cause, SnakeCase.Of(transition.Cause))
            .SetTag(Tags.Mode, SnakeCase.Of(transition.Mode))
            .SetTag(Tags.Reason, transition.Reason);
        BreakerSpans.End(span);
    }
}
