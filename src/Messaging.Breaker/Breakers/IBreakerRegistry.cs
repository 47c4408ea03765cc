using System.Diagnostics.CodeAnalysis;

namespace Messaging.Breaker;

/// <summary>Lists, reads and steers all breakers of this process. Thread-safe; a singleton in the container.</summary>
public interface IBreakerRegistry
{
    /// <summary>All breakers, in the order in which they were added.</summary>
    IReadOnlyList<IBreaker> Breakers { get; }

    /// <summary>The breaker with this name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists the known names.</exception>
    IBreaker this[string name] { get; }

    /// <summary>The breaker with this name, if there is one.</summary>
    bool TryGet(string name, [NotNullWhen(true)] out IBreaker? breaker);

    /// <summary>
    /// Chooses which of several alternatives to call, such as the regions of one service: the first one whose breaker is closed. A message
    /// that was admitted as a probe of a half-open one gets that one, whatever the order. If none is closed, it is the first that is
    /// half-open and admits the call.
    /// </summary>
    /// <remarks>
    /// In a handler of an endpoint that they guard (<see cref="MessagingBreakerExtensions.UseAnyBreaker"/>), ask for each message, and make
    /// the call under the returned breaker: with <see cref="IBreaker.ExecuteAsync{T}"/>, or with a client that has <c>AddBreaker</c> for
    /// it. If calls are attributed to none of these breakers, the outcome of the handler counts for the breaker that was returned. A
    /// breaker in <see cref="BreakerMode.Shadow"/> or <see cref="BreakerMode.Disabled"/> counts as closed.
    /// </remarks>
    /// <param name="names">The names in order of preference; at least one.</param>
    /// <exception cref="BreakerOpenException">
    /// None admits a call. The exception is that of the breaker that probes next. When it leaves the handler, the message is returned.
    /// </exception>
    /// <exception cref="KeyNotFoundException">There is no breaker with one of the names; the message lists the known names.</exception>
    /// <exception cref="ArgumentException">No name is given.</exception>
    IBreaker FirstClosed(params string[] names);

    /// <summary>
    /// Makes one call under the breaker that <see cref="FirstClosed"/> returns. If that breaker refuses because it has just opened, the
    /// next one is tried. A call that was made and fails is not repeated, because it may have had its effect.
    /// </summary>
    /// <param name="names">The breakers' names, in order of preference.</param>
    /// <param name="call">The call; it gets the breaker of the alternative to call. It is made at most once.</param>
    /// <param name="cancellationToken">The same as for <see cref="IBreaker.ExecuteAsync{T}"/>.</param>
    /// <inheritdoc cref="FirstClosed" path="/exception"/>
    ValueTask<T> ExecuteAsync<T>(IReadOnlyList<string> names, Func<IBreaker, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ExecuteAsync{T}"/>
    ValueTask ExecuteAsync(IReadOnlyList<string> names, Func<IBreaker, CancellationToken, ValueTask> call, CancellationToken cancellationToken = default);

    /// <summary>
    /// Every transition of every breaker from now on, in order, until cancelled. A reader that falls behind by more than 1,024 transitions
    /// loses the oldest.
    /// </summary>
    IAsyncEnumerable<Transition> WatchAsync(CancellationToken cancellationToken = default);
}
