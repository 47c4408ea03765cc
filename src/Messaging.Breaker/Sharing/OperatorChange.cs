namespace Messaging.Breaker.Sharing;

/// <summary>
/// The fleet's state after an operator's order that no instance executes. As an instance would, it does nothing where there is nothing to do.
/// </summary>
static class OperatorChange
{
    /// <summary>The length of a break if none was given: the instances' options are not known here.</summary>
    public static readonly TimeSpan BreakDuration = new BreakerOptions().BreakDuration;

    /// <param name="held">The breaker's state in the store; null if there is none, which is the same as closed.</param>
    /// <param name="breaker">The breaker.</param>
    /// <param name="action">The order.</param>
    /// <param name="reason">Why.</param>
    /// <param name="length">The minimum length of a break, or the length of an isolation; null for the default break, or for no end.</param>
    /// <param name="who">The operator's name for the instances.</param>
    /// <returns>Null if there is nothing to do.</returns>
    /// <exception cref="InvalidOperationException">The breaker is disabled, and cannot be isolated.</exception>
    public static SharedBreakerState? Next(SharedBreakerState? held, string breaker, OperatorAction action, string reason, TimeSpan? length, string who)
    {
        var state = held?.State ?? BreakerState.Closed;
        var isDisabled = held?.Mode == BreakerMode.Disabled;
        if (action == OperatorAction.Isolate && isDisabled)
            throw new InvalidOperationException($"Breaker '{breaker}' is disabled and cannot be isolated; enforce it first.");
        return action switch
        {
            OperatorAction.Trip when !isDisabled && state is BreakerState.Closed or BreakerState.HalfOpen => To(BreakerState.Open, Longer(length, BreakDuration)),
            OperatorAction.Isolate => To(BreakerState.Isolated, length),
            // A break that is over: an instance takes the lease and probes at once. HalfOpen would mean that this tool probes.
            OperatorAction.Release when state == BreakerState.Isolated => To(BreakerState.Open, TimeSpan.Zero),
            OperatorAction.Reset => To(BreakerState.Closed, null),
            OperatorAction.Enforce => InMode(BreakerMode.Enforcing),
            OperatorAction.Shadow => InMode(BreakerMode.Shadow),
            OperatorAction.Disable => InMode(BreakerMode.Disabled),
            _ => null,
        };

        SharedBreakerState? InMode(BreakerMode mode) =>
            held?.Mode == mode ? null : To(BreakerState.Closed, null) with { Mode = mode, Cause = TransitionCause.ModeChanged };

        SharedBreakerState To(BreakerState next, TimeSpan? lasts) => StateCheck.Tidy(new SharedBreakerState
        {
            Breaker = FleetBreaker.SharedName(breaker),
            Version = StateCheck.After(held?.Version ?? 0),
            State = next,
            Mode = held?.Mode,
            Cause = TransitionCause.Operator,
            Reason = reason,
            Instance = who,
            Length = lasts,
            Age = TimeSpan.Zero,
            Later = held?.Later,
        });
    }

    /// <summary>The fleet's hold on an endpoint.</summary>
    /// <param name="held">Its state in the store; null if there is none.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="reason">Why; null to end it.</param>
    /// <param name="expiry">When it ends by itself; null for never.</param>
    /// <param name="instance">The name of the operator's tool for the instances.</param>
    /// <param name="by">Who gives the order.</param>
    /// <returns>Null if there is nothing to end.</returns>
    public static SharedBreakerState? Hold(SharedBreakerState? held, string endpoint, string? reason, TimeSpan? expiry, string instance, string by) =>
        reason is null && held is null or { State: BreakerState.Closed } ? null : StateCheck.Tidy(new SharedBreakerState
        {
            Breaker = HoldName.Of(endpoint),
            Version = StateCheck.After(held?.Version ?? 0),
            State = reason is null ? BreakerState.Closed : BreakerState.Isolated,
            Cause = TransitionCause.Operator,
            Reason = reason ?? "resumed",
            Instance = instance,
            Length = reason is null ? null : expiry,
            Age = TimeSpan.Zero,
            By = by,
            Later = held?.Later,
        });

    static TimeSpan Longer(TimeSpan? length, TimeSpan least) => length is { } given && given > least ? given : least;
}
