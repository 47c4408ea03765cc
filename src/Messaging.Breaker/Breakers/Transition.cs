namespace Messaging.Breaker;

/// <summary>One change of a breaker's state.</summary>
public sealed record Transition
{
    /// <summary>The breaker's name.</summary>
    public required string Breaker { get; init; }

    /// <summary>The state before.</summary>
    public required BreakerState From { get; init; }

    /// <summary>The state after.</summary>
    public required BreakerState To { get; init; }

    /// <summary>The rule that decided.</summary>
    public required TransitionCause Cause { get; init; }

    /// <summary>The cause in words, with its figures, for the operator on call.</summary>
    public required string Reason { get; init; }

    /// <summary>When it happened (UTC).</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The generation that began with this transition; it grows by one each time.</summary>
    public required long Generation { get; init; }

    /// <summary>The window at the moment of the change; in HalfOpen, the round of probes.</summary>
    public required WindowSnapshot Window { get; init; }

    /// <summary>
    /// How long the break will last; null unless <see cref="To"/> is <see cref="BreakerState.Open"/>, or an isolation with an expiry.
    /// </summary>
    public TimeSpan? BreakDuration { get; init; }

    /// <summary>The breaker's mode. In <see cref="BreakerMode.Shadow"/>, nothing was paused.</summary>
    public required BreakerMode Mode { get; init; }

    /// <summary>The instance of the fleet that decided; null if this one did.</summary>
    public string? Instance { get; init; }

    /// <summary>The fleet already knows of it, so it is not reported again.</summary>
    internal bool IsFleets { get; init; }
}
