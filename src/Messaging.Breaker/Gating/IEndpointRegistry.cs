namespace Messaging.Breaker;

/// <summary>
/// Lists the guarded receive endpoints of this process, and pauses and resumes them by hand, on this instance or on the whole fleet.
/// Thread-safe; a singleton in the container.
/// </summary>
public interface IEndpointRegistry
{
    /// <summary>
    /// All guarded endpoints, in the order in which they were configured. An endpoint that was connected at run time and then removed is
    /// not listed.
    /// </summary>
    IReadOnlyList<EndpointSnapshot> Endpoints { get; }

    /// <summary>
    /// Holds an endpoint until <see cref="Resume"/> or the expiry, whatever its breakers do. If a store is shared, it is held on every
    /// instance of the fleet, including those that start later. A second hold replaces the first. If the endpoint is removed from its bus,
    /// the hold applies to the next endpoint that is connected at its address. Returns at once; the endpoint is paused shortly after, when
    /// the messages in flight are done. <see cref="PauseAsync"/> returns the outcome in the fleet.
    /// </summary>
    /// <param name="endpoint">The endpoint's name, which is the name of its queue.</param>
    /// <param name="reason">Why, for logs and the operator on call.</param>
    /// <param name="expiry">The hold ends automatically after this time; null for never. Must be positive, and at most 30 days.</param>
    /// <param name="by">Who gives the order, for logs and the operator on call; null if not specified.</param>
    /// <param name="thisInstanceOnly">
    /// Holds the endpoint on this instance only, independently of the fleet, until it is resumed here or the process ends.
    /// </param>
    /// <exception cref="KeyNotFoundException">No guarded endpoint has this name; the message lists the known ones.</exception>
    void Pause(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, bool thisInstanceOnly = false);

    /// <inheritdoc cref="Pause"/>
    /// <summary>
    /// The same as <see cref="Pause"/>: done on this instance when the method returns. The task completes when the fleet knows of the order
    /// or cannot be told now.
    /// </summary>
    /// <returns>The outcome, as soon as it is known: within moments, because it does not wait for a store that is out of reach.</returns>
    Task<HoldOutcome> PauseAsync(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, bool thisInstanceOnly = false);

    /// <summary>
    /// Ends the operator's holds on an endpoint: that of the fleet, on every instance, and that of this instance. The endpoint runs if no
    /// breaker pauses it either. <see cref="ResumeAsync"/> returns the outcome in the fleet.
    /// </summary>
    /// <param name="endpoint">The endpoint's name, which is the name of its queue.</param>
    /// <param name="by">Who gives the order, for logs and the operator on call; null if not specified.</param>
    /// <param name="thisInstanceOnly">Ends only the hold of this instance; a hold of the fleet stays.</param>
    /// <exception cref="KeyNotFoundException">No guarded endpoint has this name; the message lists the known ones.</exception>
    void Resume(string endpoint, string? by = null, bool thisInstanceOnly = false);

    /// <inheritdoc cref="Resume"/>
    /// <summary>
    /// The same as <see cref="Resume"/>: done on this instance when the method returns. The task completes when the fleet knows of the
    /// order or cannot be told now.
    /// </summary>
    /// <returns>The outcome, as soon as it is known.</returns>
    Task<HoldOutcome> ResumeAsync(string endpoint, string? by = null, bool thisInstanceOnly = false);
}
