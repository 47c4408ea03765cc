namespace Messaging.Breaker.Sharing;

/// <summary>A transition of this instance that has not been reported to the fleet.</summary>
/// <param name="Transition">The transition.</param>
/// <param name="At">When, as a timestamp.</param>
/// <param name="Base">The version of the fleet's state that was known then.</param>
/// <param name="IsOperators">An operator decided it, or the mode that the operator chose has not been reported yet.</param>
sealed record UntoldTransition(Transition Transition, long At, long Base, bool IsOperators)
{
    /// <summary>
    /// Whether the fleet's state, if it differs from the one this is based on, has to give way. It gives way to a later decision of the same
    /// instance; to an operator's decision, unless an operator also decided there; and to the finding that the dependency works, if the fleet
    /// is only probing. A lower version comes from a store that lost its memory.
    /// </summary>
    public bool Prevails(SharedBreakerState? fleets, string instance) =>
        (fleets?.Version ?? 0) <= Base
        || fleets!.Instance == instance
        || (IsOperators && !IsByOperator(fleets.Cause))
        || (Transition.Cause == TransitionCause.ProbesSucceeded && fleets is { State: BreakerState.HalfOpen, Cause: not TransitionCause.Operator });

    /// <summary>Whether the fleet's state is this decision: the store accepted it, and its answer was lost.</summary>
    public bool IsToldBy(SharedBreakerState? fleets, string instance) =>
        fleets?.Version > Base && (fleets.Instance, fleets.State, fleets.Cause) == (instance, Transition.To, Transition.Cause)
        && fleets.Reason == StateCheck.Tidy(fleets with { Reason = Transition.Reason }).Reason;

    public static bool IsByOperator(TransitionCause cause) => cause is TransitionCause.Operator or TransitionCause.ModeChanged;
}
