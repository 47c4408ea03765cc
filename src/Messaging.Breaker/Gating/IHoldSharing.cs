namespace Messaging.Breaker.Gating;

/// <summary>
/// Reports holds that are ordered here to the fleet, and holds that are ordered elsewhere to this process. Thread-safe; never waits.
/// </summary>
interface IHoldSharing
{
    /// <summary>
    /// An endpoint with that name exists here: <see cref="EndpointRegistry.Follow"/> is called with the fleet's hold, now and later.
    /// </summary>
    /// <returns>Completes when it is known whether the fleet holds it, or when that cannot be known now.</returns>
    Task Watch(string endpoint);

    /// <summary>No endpoint with that name exists here any more.</summary>
    void Forget(string endpoint);

    /// <summary>Holds the endpoint here at once, and tells the fleet.</summary>
    /// <returns>The outcome. Never fails.</returns>
    Task<HoldOutcome> HoldAsync(string endpoint, EndpointHold hold, TimeSpan? expiry);

    /// <summary>Ends the fleet's hold here at once, and tells the fleet.</summary>
    /// <returns>The outcome. Never fails.</returns>
    Task<HoldOutcome> ReleaseAsync(string endpoint, string? by);
}
