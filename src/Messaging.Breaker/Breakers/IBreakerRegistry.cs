using System.Diagnostics.CodeAnalysis;

namespace Messaging.Breaker;

/// <summary>All breakers of this process: to list, to read and to steer them. Thread-safe; a singleton in the container.</summary>
public interface IBreakerRegistry
{
    /// <summary>Every breaker, in the order in which they were added.</summary>
    IReadOnlyList<IBreaker> Breakers { get; }

    /// <summary>The breaker of that name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message lists the known names.</exception>
    IBreaker this[string name] { get; }

    /// <summary>The breaker of that name, if there is one.</summary>
    bool TryGet(string name, [NotNullWhen(true)] out IBreaker? breaker);

    /// <summary>
    /// Which of several dependencies to call that can stand in for each other, as the regions of one service do: the first of them whose breaker is
    /// closed. A message that was admitted to probe one that is half-open is told that one, whatever the order. If none is closed, it is the first
    /// that is half-open and admits the call.
    /// </summary>
    /// <remarks>
    /// In a handler of an endpoint that they guard (<see cref="MessagingBreakerExtensions.UseAnyBreaker"/>), ask for each message, and make the call
    /// under the breaker that is returned: by <see cref="IBreaker.ExecuteAsync{T}"/>, or by a client with <c>AddBreaker</c> for it. If no breaker of
    /// theirs is told of calls, what becomes of the handler counts for the one that it was told. One in <see cref="BreakerMode.Shadow"/> or
    /// <see cref="BreakerMode.Disabled"/> counts as closed.
    /// </remarks>
    /// <param name="names">Their names, in the order of preference; at least one.</param>
    /// <exception cref="BreakerOpenException">
    /// None admits a call; it is that of the one that is to be probed first. When it leaves the handler, the message is returned.
    /// </exception>
    /// <exception cref="KeyNotFoundException">There is no breaker of one of the names; the message lists the known names.</exception>
    /// <exception cref="ArgumentException">No name is given.</exception>
    IBreaker FirstClosed(params string[] names);

    /// <summary>
    /// Makes one call under the breaker that <see cref="FirstClosed"/> says. If that refuses after all, since it has opened in this moment, the next is
    /// asked. A call that was made and fails is not repeated: it may have had its effect.
    /// </summary>
    /// <param name="names">The breakers' names, in the order of preference.</param>
    /// <param name="call">The call, which is told whom to call. It is made at most once.</param>
    /// <param name="cancellationToken">As that of <see cref="IBreaker.ExecuteAsync{T}"/>.</param>
    /// <inheritdoc cref="FirstClosed" path="/exception"/>
    ValueTask<T> ExecuteAsync<T>(IReadOnlyList<string> names, Func<IBreaker, CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="ExecuteAsync{T}"/>
    ValueTask ExecuteAsync(IReadOnlyList<string> names, Func<IBreaker, CancellationToken, ValueTask> call, CancellationToken cancellationToken = default);

    /// <summary>
    /// Every transition of every breaker from now on, in order, until cancelled. A reader that falls behind by more than
    /// 1,024 transitions loses the oldest.
    /// </summary>
    IAsyncEnumerable<Transition> WatchAsync(CancellationToken cancellationToken = default);
}
