namespace Messaging.Breaker.Sharing;

/// <summary>What an operator's order makes of a fleet's state, where no instance of the fleet takes the order: as it would, it does nothing where there is nothing to do.</summary>
static class OperatorChange
{
    /// <summary>Of a break that was given no length: the options of the instances are not known here.</summary>
    public static readonly TimeSpan BreakDuration = new BreakerOptions().BreakDuration;

    /// <param name="held">What the store knows of the breaker; null if that is nothing, which is the same as closed.</param>
    /// <param name="breaker">The breaker.</param>
    /// <param name="action">What is to be done.</param>
    /// <param name="reason">Why.</param>
    /// <param name="length">How long a break lasts at least, or an isolation; null for the break's default, and for no end.</param>
    /// <param name="who">As what the operator is known to the instances.</param>
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
            // A break that is over: an instance takes the lease and probes at once. HalfOpen would say that we do.
            OperatorAction.Release when state == BreakerState.Isolated => To(BreakerState.Open, TimeSpan.Zero),
            OperatorAction.Reset => To(BreakerState.Closed, null),
            OperatorAction.Enforce => InMode(BreakerMode.Enforcing),
            OperatorAction.Shadow => InMode(BreakerMode.Shadow),
            OperatorAction.Disable => InMode(BreakerMode.Disabled),
            _ => null,
        };

        SharedBreakerState? InMode(BreakerMode mode) =>
            held?.Mode == mode ? null : To(BreakerState.Closed, null) with { Mode = mode, Cause = TransitionCause.ModeChanged };

        SharedBreakerState To(BreakerState next, TimeSpan? lasts) => StateCheck.Tidy(new SharedBreakerState(
            FleetBreaker.SharedName(breaker), StateCheck.After(held?.Version ?? 0), next, held?.Mode, TransitionCause.Operator, reason, who, lasts, TimeSpan.Zero)
        {
            Later = held?.Later,
        });
    }

    /// <summary>The fleet's hold on an endpoint.</summary>
    /// <param name="held">What the store knows of it; null if that is nothing.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="reason">Why; null to end it.</param>
    /// <param name="expiry">When it ends by itself; null for never.</param>
    /// <param name="instance">As what the operator's tool is known to the instances.</param>
    /// <param name="by">Who orders it.</param>
    /// <returns>Null if there is nothing to end.</returns>
    public static SharedBreakerState? Hold(SharedBreakerState? held, string endpoint, string? reason, TimeSpan? expiry, string instance, string by) =>
        reason is null && held is null or { State: BreakerState.Closed } ? null : StateCheck.Tidy(new SharedBreakerState(
            HoldName.Of(endpoint),
            StateCheck.After(held?.Version ?? 0),
            reason is null ? BreakerState.Closed : BreakerState.Isolated,
            null,
            TransitionCause.Operator,
            reason ?? "resumed",
            instance,
            reason is null ? null : expiry,
            TimeSpan.Zero)
        {
            By = by,
            Later = held?.Later,
        });

    static TimeSpan Longer(TimeSpan? length, TimeSpan least) => length is { } given && given > least ? given : least;
}
