namespace Messaging.Breaker;

/// <summary>
/// What the instances of a fleet say about themselves, straight from its store: for pages and command lines. The process need not be started, nor does it
/// become a member of the fleet by this. In the container of a host that shares its breakers. Thread-safe.
/// </summary>
public interface IFleetReports
{
    /// <summary>
    /// The last report of each instance, by name: of those that live, and of those that fell silent within the last ten minutes without saying that they
    /// end. At most 200; none if the store does not keep lists (<see cref="ISharedLedger"/>).
    /// </summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="TimeoutException">The store did not answer within <see cref="SharingOptions.StoreTimeout"/>.</exception>
    Task<IReadOnlyList<FleetReport>> ReadAsync(CancellationToken cancellationToken = default);
}
