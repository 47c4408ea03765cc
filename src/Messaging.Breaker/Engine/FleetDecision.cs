namespace Messaging.Breaker.Engine;

/// <summary>
/// A decision of the fleet for a breaker to take over, based on the breaker's <c>Generation</c>. A break or an isolation ends at <c>Until</c>;
/// null for never.
/// </summary>
readonly record struct FleetDecision(
    long Generation, BreakerState State, BreakerMode Mode, TransitionCause Cause, string Reason, long? Until, Origin Origin);
