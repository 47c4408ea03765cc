using Messaging.Breaker.Sharing;

namespace Messaging.Breaker;

/// <summary>What a fleet knows of one breaker.</summary>
/// <param name="Breaker">The breaker's name.</param>
/// <param name="Version">Grows by one with each change; the first is 1.</param>
/// <param name="State">The fleet's state. In <see cref="BreakerState.HalfOpen"/> the instance that holds the probe lease probes, and the others stay paused.</param>
/// <param name="Mode">The mode that an operator chose for the fleet; null while each instance's own options decide.</param>
/// <param name="Cause">The rule that decided.</param>
/// <param name="Reason">The cause in words.</param>
/// <param name="Instance">The instance that decided.</param>
/// <param name="Length">How long the break or the isolation lasts from the change on; null for no end.</param>
/// <param name="Age">How long ago it changed, by the store's clock, when it was read. Ignored when it is written.</param>
public sealed record SharedBreakerState(
    string Breaker,
    long Version,
    BreakerState State,
    BreakerMode? Mode,
    TransitionCause Cause,
    string Reason,
    string Instance,
    TimeSpan? Length,
    TimeSpan Age)
{
    /// <summary>Who decided, if an operator did and said so. Up to 100 characters; kept with the state, as its reason is.</summary>
    public string? By { get; init; }

    /// <summary>What a later version of the library wrote besides, and of which format: whoever changes the state hands it on.</summary>
    internal LaterFields? Later { get; init; }
}
