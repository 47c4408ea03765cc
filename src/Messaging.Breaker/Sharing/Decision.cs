namespace Messaging.Breaker.Sharing;

/// <summary>A transition of this instance that the fleet has not been told.</summary>
/// <param name="Transition">The transition.</param>
/// <param name="At">When, as a timestamp.</param>
/// <param name="Base">The version of the fleet's state that was known then.</param>
/// <param name="IsOperators">An operator decided, or the mode that he chose has not been told yet.</param>
sealed record Decision(Transition Transition, long At, long Base, bool IsOperators)
{
    /// <summary>
    /// Whether the fleet's state, if another one than it was based on, has to give way: to an operator it does, unless an operator decided
    /// there too. A lower version is what a store remembers that lost its memory.
    /// </summary>
    public bool Prevails(SharedBreakerState? fleets) =>
        (fleets?.Version ?? 0) <= Base || (IsOperators && !IsByOperator(fleets!.Cause));

    public static bool IsByOperator(TransitionCause cause) => cause is TransitionCause.Operator or TransitionCause.ModeChanged;

    public static bool IsTrip(TransitionCause cause) =>
        cause is TransitionCause.ConsecutiveFailures or TransitionCause.FailureRatio or TransitionCause.SlowCallRatio or TransitionCause.TripImmediately;
}
