using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Attribution;

/// <summary>What an exception or a response says about a dependency.</summary>
readonly record struct Finding(Outcome Outcome, TripDemand? Demand = null);

/// <summary>The demand of a failure to trip at once, with the break that it asks for at least.</summary>
sealed record TripDemand(string Why, TimeSpan? MinimumBreak);
