namespace Messaging.Breaker;

/// <summary>
/// The reports of the instances of a fleet, directly from its store, for dashboards and command lines. The host does not have to be
/// started, and reading does not make it a member of the fleet. In the container of a host that shares its breakers. Thread-safe.
/// </summary>
public interface IFleetReports
{
    /// <summary>
    /// The last report of each instance, by name: of those that are alive, and of those that fell silent within the last ten minutes
    /// without announcing that they stop. At most 200; none if the store does not keep lists (<see cref="ISharedLedger"/>).
    /// </summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="TimeoutException">The store did not answer within <see cref="SharingOptions.StoreTimeout"/>.</exception>
    Task<IReadOnlyList<FleetReport>> ReadAsync(CancellationToken cancellationToken = default);
}
