namespace Messaging.Breaker.Engine;

/// <summary>Where a change was decided.</summary>
/// <param name="IsFleet">The fleet already knows of it, so it is not reported again.</param>
/// <param name="Instance">The other instance that decided; null for this one.</param>
readonly record struct Origin(bool IsFleet, string? Instance);
