using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Sharing;

/// <summary>A decision of this instance about the fleet's hold on an endpoint that has not been reported yet.</summary>
/// <param name="Hold">The hold; null to end it.</param>
/// <param name="By">Who decided.</param>
/// <param name="Instance">Where.</param>
/// <param name="EndsAt">When the hold ends by itself, as a timestamp; null for never.</param>
/// <param name="Base">The fleet's state that was known then.</param>
/// <param name="InformedAt">When it was decided, as a timestamp, if the store could be reached then.</param>
/// <param name="IsReminder">Not a new order: the store has forgotten it.</param>
sealed record HoldOrder(EndpointHold? Hold, string? By, string Instance, long? EndsAt, SharedBreakerState? Base, long? InformedAt, bool IsReminder)
{
    readonly TaskCompletionSource<HoldOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The outcome.</summary>
    public Task<HoldOutcome> Outcome => _outcome.Task;

    public BreakerState State => Hold is null ? BreakerState.Closed : BreakerState.Isolated;

    public string Reason => Hold?.Reason ?? "resumed";

    /// <summary>The order that it replaced, if the outcome of that one is not known yet.</summary>
    public HoldOrder? Superseded { get; init; }

    public void Complete(HoldOutcome outcome)
    {
        Superseded?.Complete(outcome);
        _outcome.TrySetResult(outcome);
    }

    /// <summary>
    /// Whether the fleet's state is this order: the store accepted it and its answer was lost, or another instance reported the same.
    /// </summary>
    public bool IsToldBy(SharedBreakerState? fleets) =>
        fleets is not null && fleets.Version != (Base?.Version ?? 0) && Content(fleets) == (Instance, State, OneLine.Of(Reason, StateCheck.LongestReason), By);

    /// <summary>
    /// Whether the fleet's state has to give way. It gives way to a later decision that was made while the store could be reached. Otherwise,
    /// when in doubt, the endpoint is held: a resume ends only the hold that was known then, or one of this instance; and of two holds that did
    /// not know of each other, the one that ends later stays.
    /// </summary>
    /// <param name="fleets">The fleet's state.</param>
    /// <param name="changedAt">When it changed, as a timestamp.</param>
    /// <param name="fleetsHold">When the fleet's hold ends, as a timestamp; null if there is none, or it is over.</param>
    public bool Prevails(SharedBreakerState? fleets, long? changedAt, long? fleetsHold)
    {
        if (fleets is null ? Base is null : fleets.Version == Base?.Version && Content(fleets) == Content(Base))
            return true;
        if (IsReminder)
            return false;
        if (fleetsHold is not { } end || fleets!.Instance == Instance || changedAt <= InformedAt)
            return true;
        return Hold is null ? Base is not null && Content(Base) == Content(fleets) : (EndsAt ?? long.MaxValue) >= end;
    }

    /// <summary>The fleet's next state.</summary>
    public SharedBreakerState Next(KnownState known, TimeSpan? left) =>
        known.Next(State, TransitionCause.Operator, Reason, left) with { Instance = Instance, By = By };

    static (string, BreakerState, string, string?) Content(SharedBreakerState state) => (state.Instance, state.State, state.Reason, state.By);
}
