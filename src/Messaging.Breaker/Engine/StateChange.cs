namespace Messaging.Breaker.Engine;

/// <summary>A transition in the engine's units: times are timestamps, and durations are timestamp differences.</summary>
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
