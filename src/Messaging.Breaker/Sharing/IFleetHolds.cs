namespace Messaging.Breaker;

/// <summary>
/// Reads and changes the operators' holds of a fleet directly in its store, for a process without the endpoints, such as a command line.
/// The host does not have to be started, and this does not make it a member of the fleet. In the container of a host that shares its
/// breakers. Thread-safe.
/// </summary>
/// <remarks>Unlike <see cref="IEndpointRegistry"/>, it changes nothing while the store is out of reach, and throws an exception.</remarks>
public interface IFleetHolds
{
    /// <summary>The fleet's hold on an endpoint; null if there is none.</summary>
    /// <param name="endpoint">The endpoint's name, which is the name of its queue. Whether the endpoint exists is not checked.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="TimeoutException">The store did not answer within <see cref="SharingOptions.StoreTimeout"/>.</exception>
    Task<EndpointHold?> FindAsync(string endpoint, CancellationToken cancellationToken = default);

    /// <summary>Holds an endpoint on every instance of the fleet, including those that start later. Replaces an existing hold.</summary>
    /// <param name="endpoint">The endpoint's name, which is the name of its queue. Whether the endpoint exists is not checked.</param>
    /// <param name="reason">Why, for logs and the operator on call.</param>
    /// <param name="expiry">The hold ends automatically after this time; null for never. Must be positive, and at most 30 days.</param>
    /// <param name="by">Who gives the order; null if not specified.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="TimeoutException">
    /// The store did not answer within <see cref="SharingOptions.StoreTimeout"/>; it may have received the order anyway.
    /// </exception>
    /// <exception cref="InvalidOperationException">The store refuses again and again.</exception>
    Task PauseAsync(string endpoint, string reason, TimeSpan? expiry = null, string? by = null, CancellationToken cancellationToken = default);

    /// <summary>Ends the fleet's hold on an endpoint, on every instance.</summary>
    /// <param name="endpoint">The endpoint's name, which is the name of its queue. Whether the endpoint exists is not checked.</param>
    /// <param name="by">Who gives the order; null if not specified.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="TimeoutException">
    /// The store did not answer within <see cref="SharingOptions.StoreTimeout"/>; it may have received the order anyway.
    /// </exception>
    /// <exception cref="InvalidOperationException">The store refuses again and again.</exception>
    Task ResumeAsync(string endpoint, string? by = null, CancellationToken cancellationToken = default);
}
