namespace Messaging.Breaker;

/// <summary>The state of a guarded receive endpoint.</summary>
public enum EndpointState
{
    /// <summary>It has not started, or its owner (the bus) stopped it.</summary>
    Stopped,

    /// <summary>It consumes, and no breaker limits it.</summary>
    Running,

    /// <summary>It consumes as many messages at once as its breakers admit probes.</summary>
    Limited,

    /// <summary>It does not consume: a breaker is open, or an operator holds it.</summary>
    Paused,
}

/// <summary>A guarded receive endpoint at one moment.</summary>
public sealed record EndpointSnapshot
{
    /// <summary>Its name, which is the name of its queue.</summary>
    public required string Name { get; init; }

    /// <summary>Its input address, without credentials.</summary>
    public required Uri Address { get; init; }

    /// <summary>Its state.</summary>
    public required EndpointState State { get; init; }

    /// <summary>The highest number of messages at once while <see cref="EndpointState.Limited"/>; otherwise null.</summary>
    public int? Limit { get; init; }

    /// <summary>The names of the breakers that guard it.</summary>
    public required IReadOnlyList<string> Breakers { get; init; }

    /// <summary>The operator's hold, if there is one: that of the fleet, or that of this instance only.</summary>
    public EndpointHold? Hold { get; init; }

    /// <summary>
    /// Messages that this process has handled, successfully or not, and that have left the queue, since the endpoint was configured.
    /// </summary>
    public required long Handled { get; init; }

    /// <summary>
    /// The groups of alternatives among <see cref="Breakers"/>, as <see cref="MessagingBreakerExtensions.UseAnyBreaker"/> declares them,
    /// each in that order. One closed breaker in a group is enough. Empty if there are none.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Alternatives { get; init; } = [];
}
