namespace Messaging.Breaker;

/// <summary>
/// The guarded receive endpoints of this process: to list them, and to pause and resume them by hand.
/// Thread-safe; a singleton in the container.
/// </summary>
public interface IEndpointRegistry
{
    /// <summary>Every guarded endpoint that was configured, in that order. One that was connected at run time and removed is gone.</summary>
    IReadOnlyList<EndpointSnapshot> Endpoints { get; }

    /// <summary>
    /// Holds an endpoint until <see cref="Resume"/> or the expiry, whatever its breakers do. A second hold replaces the first. If the endpoint is
    /// removed from its bus, the hold awaits the next that is connected at its address.
    /// Returns at once; the endpoint is paused shortly after, when what is in flight is done.
    /// </summary>
    /// <param name="endpoint">The endpoint's name, which is its queue's.</param>
    /// <param name="reason">Why, for logs and whoever is on call.</param>
    /// <param name="expiry">After this time the hold ends by itself; null for never. Must be positive.</param>
    /// <exception cref="KeyNotFoundException">No such endpoint is guarded; the message lists the known ones.</exception>
    void Pause(string endpoint, string reason, TimeSpan? expiry = null);

    /// <summary>Takes the operator's hold away. The endpoint runs when no breaker pauses it either.</summary>
    /// <param name="endpoint">The endpoint's name, which is its queue's.</param>
    /// <exception cref="KeyNotFoundException">No such endpoint is guarded; the message lists the known ones.</exception>
    void Resume(string endpoint);
}
