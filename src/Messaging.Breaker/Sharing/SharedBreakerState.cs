using Messaging.Breaker.Sharing;

namespace Messaging.Breaker;

/// <summary>A fleet's state of one breaker.</summary>
public sealed record SharedBreakerState
{
    /// <summary>The breaker's name.</summary>
    public required string Breaker { get; init; }

    /// <summary>Grows by one with each change; the first is 1.</summary>
    public required long Version { get; init; }

    /// <summary>
    /// The fleet's state. In <see cref="BreakerState.HalfOpen"/>, the instance that holds the probe lease probes, and the others stay paused.
    /// </summary>
    public required BreakerState State { get; init; }

    /// <summary>The mode that an operator chose for the fleet; null while each instance's own options decide.</summary>
    public BreakerMode? Mode { get; init; }

    /// <summary>The rule that decided.</summary>
    public required TransitionCause Cause { get; init; }

    /// <summary>The cause in words.</summary>
    public required string Reason { get; init; }

    /// <summary>The instance that decided.</summary>
    public required string Instance { get; init; }

    /// <summary>How long the break or the isolation lasts, from the change on; null for no end.</summary>
    public TimeSpan? Length { get; init; }

    /// <summary>How long ago it changed, by the store's clock, at the time of reading. Ignored when it is written.</summary>
    public required TimeSpan Age { get; init; }

    /// <summary>
    /// The operator who decided, if an operator did and is known. Up to 100 characters; stored with the state, like the reason.
    /// </summary>
    public string? By { get; init; }

    /// <summary>
    /// Fields that a later version of the library added, and their format: an instance that changes the state passes them on.
    /// </summary>
    internal UnknownFields? Later { get; init; }
}
