namespace Messaging.Breaker;

/// <summary>Who lives in a fleet, and what they find.</summary>
/// <param name="Instances">How many instances live.</param>
/// <param name="Tripped">For each breaker, how many of them find it tripped by their own calls; none is left out.</param>
public sealed record FleetCensus(int Instances, IReadOnlyDictionary<string, int> Tripped);
