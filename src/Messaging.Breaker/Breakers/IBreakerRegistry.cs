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
    /// Every transition of every breaker from now on, in order, until cancelled. A reader that falls behind by more than
    /// 1,024 transitions loses the oldest.
    /// </summary>
    IAsyncEnumerable<Transition> WatchAsync(CancellationToken cancellationToken = default);
}
