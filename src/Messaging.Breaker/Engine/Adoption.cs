namespace Messaging.Breaker.Engine;

/// <summary>
/// What the fleet decided, for one breaker to take over that was last looked at in <c>Generation</c>. A break or an isolation ends at
/// <c>Until</c>; null for never.
/// </summary>
readonly record struct Adoption(
    long Generation, BreakerState State, BreakerMode Mode, TransitionCause Cause, string Reason, long? Until, Origin Origin);
