namespace Messaging.Breaker;

/// <summary>A named circuit breaker that guards one dependency. All members are thread-safe, and none blocks on I/O.</summary>
public interface IBreaker
{
    /// <summary>The name under which it was added, as in <c>Breakers:payments</c>. Names are not case-sensitive.</summary>
    string Name { get; }

    /// <summary>The current state.</summary>
    BreakerState State { get; }

    /// <summary>The current mode.</summary>
    BreakerMode Mode { get; }

    /// <summary>
    /// The keys into which it is split by <see cref="BreakerOptions.PartitionBy{TMessage}"/>; null if it is not split. While the breaker
    /// itself is open, half-open or isolated, that applies to all of its keys.
    /// </summary>
    IBreakerKeys? Keys { get; }

    /// <summary>State, reason, start of the state, next probe and window, all read at the same moment.</summary>
    BreakerSnapshot GetSnapshot();

    /// <summary>
    /// Opens the breaker now, as if its own rules had: the break ends on its own and probing follows. Does nothing if the breaker is open,
    /// isolated or disabled.
    /// </summary>
    /// <param name="reason">
    /// Why, for logs and the operator on call. One line of at most 500 characters: line breaks become spaces, and longer text is cut.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is null or blank.</exception>
    /// <param name="minimumBreak">The break lasts at least this long; null for the break duration of the options.</param>
    void Trip(string reason, TimeSpan? minimumBreak = null);

    /// <summary>Holds the breaker open until <see cref="Release"/> or the expiry. Replaces an earlier isolation.</summary>
    /// <param name="reason">
    /// Why, for logs and the operator on call. One line of at most 500 characters: line breaks become spaces, and longer text is cut.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is null or blank.</exception>
    /// <param name="expiry">The breaker is released automatically after this time; null for never. Must be positive.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="expiry"/> is not positive.</exception>
    /// <exception cref="InvalidOperationException">The breaker is disabled.</exception>
    void Isolate(string reason, TimeSpan? expiry = null);

    /// <summary>
    /// Ends an isolation. The breaker goes to HalfOpen: the dependency still has to show that it works. Does nothing if the breaker is not
    /// isolated.
    /// </summary>
    /// <param name="reason">
    /// Why, for logs and the operator on call. One line of at most 500 characters: line breaks become spaces, and longer text is cut.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is null or blank.</exception>
    void Release(string reason);

    /// <summary>Closes the breaker with an empty window, whatever its state, without probing.</summary>
    /// <param name="reason">
    /// Why, for logs and the operator on call. One line of at most 500 characters: line breaks become spaces, and longer text is cut.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is null or blank.</exception>
    void Reset(string reason);

    /// <summary>Lets everything through and counts nothing, until <see cref="Enforce"/> or <see cref="Shadow"/>.</summary>
    /// <param name="reason">
    /// Why, for logs and the operator on call. One line of at most 500 characters: line breaks become spaces, and longer text is cut.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is null or blank.</exception>
    void Disable(string reason);

    /// <summary>Counts and reports, but refuses and pauses nothing, until <see cref="Enforce"/> or <see cref="Disable"/>.</summary>
    /// <param name="reason">
    /// Why, for logs and the operator on call. One line of at most 500 characters: line breaks become spaces, and longer text is cut.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is null or blank.</exception>
    void Shadow(string reason);

    /// <summary>Ends <see cref="Disable"/> or <see cref="Shadow"/>. The breaker starts again in Closed.</summary>
    /// <param name="reason">
    /// Why, for logs and the operator on call. One line of at most 500 characters: line breaks become spaces, and longer text is cut.
    /// </param>
    /// <exception cref="ArgumentException"><paramref name="reason"/> is null or blank.</exception>
    void Enforce(string reason);

    /// <summary>
    /// Makes one call to the dependency under this breaker and counts its outcome. Inside a handler of a guarded endpoint, the call uses
    /// the message's permit, and an exception that it throws is not counted again when it leaves the handler.
    /// </summary>
    /// <param name="call">The call. It is made at most once.</param>
    /// <param name="cancellationToken">
    /// Passed to the call. A call that the caller cancelled is ignored and is not a failure. Inside a handler of a guarded endpoint, this
    /// applies only if the handler recovers from it, because a timeout of the endpoint also cancels.
    /// </param>
    /// <exception cref="BreakerOpenException">The breaker refuses calls; the call was not made.</exception>
    ValueTask<T> ExecuteAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ExecuteAsync{T}(Func{CancellationToken, ValueTask{T}}, CancellationToken)"/>
    ValueTask ExecuteAsync(Func<CancellationToken, ValueTask> call, CancellationToken cancellationToken = default);
}
