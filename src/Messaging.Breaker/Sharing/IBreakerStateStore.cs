namespace Messaging.Breaker;

/// <summary>
/// Keeps the state of the breakers that the instances of a fleet share. Implementations are thread-safe. While the store is out of reach,
/// every member may fail with any exception. Then the instances continue on their own, and no message ever waits for the store.
/// </summary>
/// <remarks>
/// The store uses no times of day, so clocks that differ between machines do not matter: it reports ages and remaining lengths by its own
/// clock.
/// </remarks>
public interface IBreakerStateStore : IAsyncDisposable
{
    /// <summary>
    /// The fleet's state of these breakers, in one round trip. Breakers without a state are left out. The result is never older than what
    /// was written or watched through this object before, unless the store has lost its memory.
    /// </summary>
    Task<IReadOnlyList<SharedBreakerState>> ReadAsync(IReadOnlyCollection<string> breakers, CancellationToken cancellationToken);

    /// <summary>
    /// Compare-and-set: replaces a breaker's state if its version is one less than <see cref="SharedBreakerState.Version"/> of
    /// <paramref name="next"/>, and notifies every watcher. Ends the probe lease.
    /// </summary>
    /// <returns>
    /// The state afterwards: <paramref name="next"/>, or the state of another version that prevented the change. If the breaker has no
    /// state and <paramref name="next"/> is not its first version, <paramref name="next"/> with version 0.
    /// </returns>
    Task<SharedBreakerState> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken);

    /// <summary>
    /// Takes or renews the right to probe for the fleet in this version of the state. The lease ends after <paramref name="length"/>, or
    /// earlier if the store notices that the instance has died.
    /// </summary>
    /// <returns>False if another instance holds it, or if the state has changed since.</returns>
    Task<bool> TryLeaseProbeAsync(string breaker, long version, string instance, TimeSpan length, CancellationToken cancellationToken);

    /// <summary>
    /// Announces that the instance is alive for the next <paramref name="validFor"/>, and which breakers it finds tripped by its own calls.
    /// </summary>
    /// <returns>How many instances are alive, including this one, and how many of them find each breaker tripped.</returns>
    Task<FleetMembership> AnnounceAsync(
        string instance, IReadOnlyCollection<string> tripped, TimeSpan validFor, CancellationToken cancellationToken);

    /// <summary>
    /// Every change from now on, until cancelled. Yields null once at the beginning, and when changes may have been missed, for example
    /// after the connection to the store was lost. Then the reader should call <see cref="ReadAsync"/>.
    /// </summary>
    IAsyncEnumerable<SharedBreakerState?> WatchAsync(CancellationToken cancellationToken);
}
