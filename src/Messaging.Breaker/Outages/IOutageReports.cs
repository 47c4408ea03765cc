namespace Messaging.Breaker;

/// <summary>
/// A report of each outage, when it is over. In a fleet whose store keeps lists (<see cref="ISharedLedger"/>), there is one report for all
/// instances. The instance that closed the breaker writes it. Thread-safe; a singleton in the container.
/// </summary>
public interface IOutageReports
{
    /// <summary>
    /// The outages that this instance saw since it started, whichever instance reports them, the latest first; at most 200. The counts are
    /// only those of this instance.
    /// </summary>
    IReadOnlyList<OutageReport> Outages { get; }

    /// <summary>
    /// The outages of the fleet, with the counts of all instances; without a store, those of this instance. If the store does not answer,
    /// the call takes <see cref="SharingOptions.StoreTimeout"/>, and the list lacks what other instances know.
    /// </summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<OutageList> ReadAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Every report that this instance writes from now on, until cancelled: once for each outage of the fleet, as soon as it is known how
    /// long the backlog took, and at the latest a quarter of an hour after the close. A reader that falls behind by more than 100 reports
    /// loses the oldest.
    /// </summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    IAsyncEnumerable<OutageReport> WatchAsync(CancellationToken cancellationToken = default);
}
