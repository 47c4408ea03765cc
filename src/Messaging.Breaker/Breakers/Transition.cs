namespace Messaging.Breaker;

/// <summary>One change of a breaker's state.</summary>
/// <param name="Breaker">The breaker's name.</param>
/// <param name="From">The state before.</param>
/// <param name="To">The state after.</param>
/// <param name="Cause">The rule that decided.</param>
/// <param name="Reason">The cause in words, with its figures, for whoever is on call.</param>
/// <param name="At">When it happened (UTC).</param>
/// <param name="Generation">The generation that began with this transition; it grows by one each time.</param>
/// <param name="Window">The window at the moment of the change; in HalfOpen, the round of probes.</param>
/// <param name="BreakDuration">How long the break will last; null unless <paramref name="To"/> is <see cref="BreakerState.Open"/>, or an isolation with an expiry.</param>
/// <param name="Mode">The breaker's mode: in <see cref="BreakerMode.Shadow"/> nothing was paused.</param>
/// <param name="Instance">The instance of the fleet that decided; null if this one did.</param>
public sealed record Transition(
    string Breaker,
    BreakerState From,
    BreakerState To,
    TransitionCause Cause,
    string Reason,
    DateTimeOffset At,
    long Generation,
    WindowSnapshot Window,
    TimeSpan? BreakDuration,
    BreakerMode Mode,
    string? Instance = null)
{
    /// <summary>The fleet knows of it: it is not to be told again.</summary>
    internal bool IsFleets { get; init; }
}
