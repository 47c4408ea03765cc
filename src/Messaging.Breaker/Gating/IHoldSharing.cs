namespace Messaging.Breaker.Gating;

/// <summary>Who tells the fleet of the holds that are ordered here, and this process of those that are ordered elsewhere. Thread-safe; waits for nothing.</summary>
interface IHoldSharing
{
    /// <summary>An endpoint of that name is here: what the fleet knows of it is told by <see cref="EndpointRegistry.Follow"/>, now and later.</summary>
    /// <returns>Completes when it is known whether the fleet holds it, or when that cannot be known now.</returns>
    Task Watch(string endpoint);

    /// <summary>No endpoint of that name is here any more.</summary>
    void Forget(string endpoint);

    /// <summary>Holds the endpoint here at once, and tells the fleet.</summary>
    /// <returns>What became of it. Never fails.</returns>
    Task<HoldOutcome> HoldAsync(string endpoint, EndpointHold hold, TimeSpan? expiry);

    /// <summary>Takes the fleet's hold away here at once, and tells the fleet.</summary>
    /// <returns>What became of it. Never fails.</returns>
    Task<HoldOutcome> ReleaseAsync(string endpoint, string? by);
}
