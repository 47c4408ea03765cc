namespace Messaging.Breaker.Sharing;

/// <summary>A transition of this instance that the fleet has not been told.</summary>
/// <param name="Transition">The transition.</param>
/// <param name="At">When, as a timestamp.</param>
/// <param name="Base">The version of the fleet's state that was known then.</param>
/// <param name="IsOperators">An operator decided, or the mode that he chose has not been told yet.</param>
sealed record Decision(Transition Transition, long At, long Base, bool IsOperators)
{
    /// <summary>
    /// Whether the fleet's state, if another one than it was based on, has to give way: to a later decision of the same instance it does, to
    /// an operator's, unless an operator decided there too, and to the finding that the dependency works, if there one is only looking. A
    /// lower version is what a store remembers that lost its memory.
    /// </summary>
    public bool Prevails(SharedBreakerState? fleets, string instance) =>
        (fleets?.Version ?? 0) <= Base
        || fleets!.Instance == instance
        || (IsOperators && !IsByOperator(fleets.Cause))
        || (Transition.Cause == TransitionCause.ProbesSucceeded && fleets is { State: BreakerState.HalfOpen, Cause: not TransitionCause.Operator });

    /// <summary>Whether the fleet's state is this decision: the store took it, and its answer was lost.</summary>
    public bool IsToldBy(SharedBreakerState? fleets, string instance) =>
        fleets?.Version > Base && (fleets.Instance, fleets.State, fleets.Cause) == (instance, Transition.To, Transition.Cause)
        && fleets.Reason == StateCheck.Tidy(fleets with { Reason = Transition.Reason }).Reason;

    public static bool IsByOperator(TransitionCause cause) => cause is TransitionCause.Operator or TransitionCause.ModeChanged;
}
