namespace Messaging.Breaker;

/// <summary>
/// The guarded receive endpoints of this process: to list them, and to pause and resume them by hand, here or on every instance of the fleet.
/// Thread-safe; a singleton in the container.
/// </summary>
public interface IEndpointRegistry
{
    /// <summary>Every guarded endpoint that was configured, in that order. One that was connected at run time and removed is gone.</summary>
    IReadOnlyList<EndpointSnapshot> Endpoints { get; }

    /// <summary>
    /// Holds an endpoint until <see cref="Resume"/> or the expiry, whatever its breakers do: on every instance of the fleet if a store is shared, also on
    /// those that start later. A second hold replaces the first. If the endpoint is removed from its bus, the hold awaits the next that is connected at
    /// its address. Returns at once; the endpoint is paused shortly after, when what is in flight is done. <see cref="PauseAsync"/> tells what the
    /// fleet made of it.
    /// </summary>
    /// <param name="endpoint">The endpoint's name, which is its queue's.</param>
    /// <param name="reason">Why, for logs and whoever is on call.</param>
    /// <param name="expiry">After this time the hold ends by itself; null for never. Must be positive, and at most 30 days.</param>
    /// <param name="by">Who orders it, for logs and whoever is on call; null for nobody in particular.</param>
    /// <param name="thisInstanceOnly">Holds it here only, beside what the fleet does, until it is resumed here or the process ends.</param>
    /// <exception cref="KeyNotFoundException">No such endpoint is guarded; the message lists the known ones.</exception>
    void Pause(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, bool thisInstanceOnly = false);

    /// <inheritdoc cref="Pause"/>
    /// <summary>As <see cref="Pause"/>, which is done here when this returns, and tells when the fleet knows of it or cannot be told now.</summary>
    /// <returns>How far the order has got, as soon as that is known: within moments, since it does not wait for a store that is out of reach.</returns>
    Task<HoldOutcome> PauseAsync(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, bool thisInstanceOnly = false);

    /// <summary>
    /// Takes the operator's hold away: that of the fleet, on every instance, and that of this instance. The endpoint runs when no breaker pauses it
    /// either. <see cref="ResumeAsync"/> tells what the fleet made of it.
    /// </summary>
    /// <param name="endpoint">The endpoint's name, which is its queue's.</param>
    /// <param name="by">Who orders it, for logs and whoever is on call; null for nobody in particular.</param>
    /// <param name="thisInstanceOnly">Takes only the hold of this instance away; a hold of the fleet stays.</param>
    /// <exception cref="KeyNotFoundException">No such endpoint is guarded; the message lists the known ones.</exception>
    void Resume(string endpoint, string? by = null, bool thisInstanceOnly = false);

    /// <inheritdoc cref="Resume"/>
    /// <summary>As <see cref="Resume"/>, which is done here when this returns, and tells when the fleet knows of it or cannot be told now.</summary>
    /// <returns>How far the order has got, as soon as that is known.</returns>
    Task<HoldOutcome> ResumeAsync(string endpoint, string? by = null, bool thisInstanceOnly = false);
}
