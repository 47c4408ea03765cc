namespace Messaging.Breaker;

/// <summary>A breaker at one moment.</summary>
public sealed record BreakerSnapshot
{
    /// <summary>The breaker's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its state.</summary>
    public required BreakerState State { get; init; }

    /// <summary>Its mode.</summary>
    public required BreakerMode Mode { get; init; }

    /// <summary>Why it is in this state, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>When it entered this state (UTC).</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>
    /// When probing begins (UTC): the end of the break, or of an isolation that has an expiry; otherwise null.
    /// </summary>
    public DateTimeOffset? NextProbeAt { get; init; }

    /// <summary>The outcomes that currently count.</summary>
    public required WindowSnapshot Window { get; init; }

    /// <summary>Grows by one with each transition.</summary>
    public required long Generation { get; init; }

    /// <summary>How many messages may run at once while concurrency ramps up after a close; otherwise null.</summary>
    public int? RampLimit { get; init; }

    /// <summary>Outcomes counted since the process started, including probes.</summary>
    public required long Calls { get; init; }

    /// <summary>How many of these failed.</summary>
    public required long FailedCalls { get; init; }
}
