using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Attribution;

/// <summary>What an exception or a response says about a dependency.</summary>
/// <param name="Outcome">How its call ended: an answer is a success, whatever it says.</param>
/// <param name="Demand">The demand to trip at once; null for none.</param>
/// <param name="Detail">What happened, in a few words; null where the exception says it.</param>
readonly record struct Finding(Outcome Outcome, TripDemand? Demand = null, string? Detail = null)
{
    /// <summary>A rule says that the failure has nothing to do with the dependency.</summary>
    public bool IsUnrelated { get; init; }
}

/// <summary>The demand of a failure to trip at once, with the break that it asks for at least.</summary>
/// <param name="Why">The reason, for whoever is on call.</param>
/// <param name="MinimumBreak">Null for the options' break duration.</param>
sealed record TripDemand(string Why, TimeSpan? MinimumBreak)
{
    /// <summary>The rule by which the breaker trips.</summary>
    public TransitionCause Cause { get; init; } = TransitionCause.TripImmediately;

    /// <summary>It comes from another breaker or limiter, which does not say for which dependency it stands.</summary>
    public bool IsByAnother { get; init; }
}
