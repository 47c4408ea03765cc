namespace Messaging.Breaker;

/// <summary>
/// Where the instances of a fleet keep what they know in common about their breakers. Implementations are thread-safe. Every member may
/// fail by any exception while the store is out of reach; instances then go on alone, and nothing that handles messages ever waits for it.
/// </summary>
/// <remarks>
/// No times of day pass through it, so clocks that differ between machines do not matter: it tells ages and remaining lengths by its own clock.
/// </remarks>
public interface IBreakerStateStore : IAsyncDisposable
{
    /// <summary>
    /// What the fleet knows of these breakers, in one round trip. One of which nothing is known is left out. Never older than what was
    /// written or watched through this object before, unless the store has lost its memory.
    /// </summary>
    Task<IReadOnlyList<SharedBreakerState>> ReadAsync(IReadOnlyCollection<string> breakers, CancellationToken cancellationToken);

    /// <summary>
    /// Compare-and-set: replaces a breaker's state if its version is <see cref="SharedBreakerState.Version"/> of <paramref name="next"/> less
    /// one, and tells every watcher. Ends the probe lease.
    /// </summary>
    /// <returns>
    /// What holds afterwards: <paramref name="next"/>, or the state of another version that stood in its way. If nothing is known of the
    /// breaker and <paramref name="next"/> is not its first version, <paramref name="next"/> with version 0.
    /// </returns>
    Task<SharedBreakerState> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken);

    /// <summary>
    /// Takes, or prolongs, the right to probe for the fleet in that version of the state. It frees itself after
    /// <paramref name="length"/>, or earlier if the store sees the instance die.
    /// </summary>
    /// <returns>False if another instance holds it, or the state has moved on.</returns>
    Task<bool> TryLeaseProbeAsync(string breaker, long version, string instance, TimeSpan length, CancellationToken cancellationToken);

    /// <summary>
    /// Says that the instance lives, for as long as <paramref name="validFor"/>, and which breakers it finds tripped by its own calls.
    /// </summary>
    /// <returns>How many instances live, this one included, and how many of them find each breaker tripped.</returns>
    Task<FleetCensus> AnnounceAsync(
        string instance, IReadOnlyCollection<string> tripped, TimeSpan validFor, CancellationToken cancellationToken);

    /// <summary>
    /// Every change from now on, until cancelled. Yields null when changes may have been missed, as after the connection to the store was
    /// lost, and once at the beginning: the reader should then <see cref="ReadAsync"/>.
    /// </summary>
    IAsyncEnumerable<SharedBreakerState?> WatchAsync(CancellationToken cancellationToken);
}
