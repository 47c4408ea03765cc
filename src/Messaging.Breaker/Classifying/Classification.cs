using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Classifying;

/// <summary>What an exception or a response says about a dependency.</summary>
/// <param name="Outcome">How its call ended: any answer is a success.</param>
/// <param name="Demand">A demand to trip at once; null for none.</param>
/// <param name="Detail">What happened, in a few words; null if the exception says it.</param>
readonly record struct Classification(Outcome Outcome, ImmediateTrip? Demand = null, string? Detail = null)
{
    /// <summary>A rule says that the failure has nothing to do with the dependency.</summary>
    public bool IsUnrelated { get; init; }
}

/// <summary>A failure's demand to trip at once, with the minimum break.</summary>
/// <param name="Why">The reason, for the operator on call.</param>
/// <param name="MinimumBreak">Null for the options' break duration.</param>
sealed record ImmediateTrip(string Why, TimeSpan? MinimumBreak)
{
    /// <summary>The rule by which the breaker trips.</summary>
    public TransitionCause Cause { get; init; } = TransitionCause.TripImmediately;

    /// <summary>It comes from another breaker or limiter, which does not say which dependency it guards.</summary>
    public bool IsByAnother { get; init; }
}
