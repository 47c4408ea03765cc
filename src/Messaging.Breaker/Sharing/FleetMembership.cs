namespace Messaging.Breaker;

/// <summary>The live instances of a fleet, and which breakers they find tripped.</summary>
/// <param name="Instances">How many instances are alive.</param>
/// <param name="Tripped">For each breaker, how many of them find it tripped by their own calls; breakers without any are left out.</param>
public sealed record FleetMembership(int Instances, IReadOnlyDictionary<string, int> Tripped);
