namespace Messaging.Breaker.Engine;

/// <summary>A transition as the engine knows it: times are timestamps and durations in units of the same clock.</summary>
readonly record struct StateChange(
    BreakerState From,
    BreakerState To,
    TransitionCause Cause,
    string Reason,
    long At,
    long Generation,
    WindowSnapshot Window,
    long? Break,
    BreakerMode Mode,
    Origin Origin = default);
