namespace Messaging.Breaker;

/// <summary>
/// The operators' holds of a fleet, straight from its store: for a process that has none of the endpoints itself, such as a command line. It need not be
/// started, nor does it become a member of the fleet by this. In the container of a host that shares its breakers. Thread-safe.
/// </summary>
/// <remarks>Unlike <see cref="IEndpointRegistry"/> it does nothing while the store is out of reach, and says so by an exception.</remarks>
public interface IFleetHolds
{
    /// <summary>The fleet's hold on an endpoint; null for none.</summary>
    /// <param name="endpoint">The endpoint's name, which is its queue's. Whether there is such an endpoint is not known here.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="TimeoutException">The store did not answer within <see cref="SharingOptions.StoreTimeout"/>.</exception>
    Task<EndpointHold?> FindAsync(string endpoint, CancellationToken cancellationToken = default);

    /// <summary>Holds an endpoint on every instance of the fleet, also on those that start later, in place of the hold that there is.</summary>
    /// <param name="endpoint">The endpoint's name, which is its queue's. Whether there is such an endpoint is not known here.</param>
    /// <param name="reason">Why, for logs and whoever is on call.</param>
    /// <param name="expiry">After this time the hold ends by itself; null for never. Must be positive, and at most 30 days.</param>
    /// <param name="by">Who orders it; null for nobody in particular.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="TimeoutException">The store did not answer within <see cref="SharingOptions.StoreTimeout"/>; it may have been told all the same.</exception>
    /// <exception cref="InvalidOperationException">The store refuses again and again.</exception>
    Task PauseAsync(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, CancellationToken cancellationToken = default);

    /// <summary>Takes the fleet's hold on an endpoint away, on every instance.</summary>
    /// <param name="endpoint">The endpoint's name, which is its queue's. Whether there is such an endpoint is not known here.</param>
    /// <param name="by">Who orders it; null for nobody in particular.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="TimeoutException">The store did not answer within <see cref="SharingOptions.StoreTimeout"/>; it may have been told all the same.</exception>
    /// <exception cref="InvalidOperationException">The store refuses again and again.</exception>
    Task ResumeAsync(string endpoint, string? by = null, CancellationToken cancellationToken = default);
}
