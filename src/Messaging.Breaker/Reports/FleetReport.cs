namespace Messaging.Breaker;

/// <summary>The last report of one instance of a fleet.</summary>
public sealed record FleetReport
{
    /// <summary>Its name in the fleet.</summary>
    public required string Instance { get; init; }

    /// <summary>The machine that it runs on; empty if not reported.</summary>
    public string Host { get; init; } = "";

    /// <summary>The version of the application; empty if not reported.</summary>
    public string Version { get; init; } = "";

    /// <summary>The version of this library that it uses; empty if not reported.</summary>
    public string LibraryVersion { get; init; } = "";

    /// <summary>When it started (UTC), by the clock of the reader.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>How old its last report is, by the store's clock.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>Whether it has been silent for three times as long as it should be: it is dead, hangs, or cannot reach the store.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Its breakers, those that are not closed first.</summary>
    public IReadOnlyList<ReportedBreaker> Breakers { get; init; } = [];

    /// <summary>Its guarded endpoints, those that do not run first.</summary>
    public IReadOnlyList<ReportedEndpoint> Endpoints { get; init; } = [];

    /// <summary>
    /// How many breakers and endpoints are left out, because a report has at most 8,000 characters. Closed breakers and running endpoints
    /// are left out first.
    /// </summary>
    public int Omitted { get; init; }
}

/// <summary>One breaker in the report of an instance.</summary>
public sealed record ReportedBreaker
{
    /// <summary>The breaker's name.</summary>
    public required string Name { get; init; }

    /// <summary>Its state on that instance.</summary>
    public BreakerState State { get; init; }

    /// <summary>Its mode on that instance.</summary>
    public BreakerMode Mode { get; init; }

    /// <summary>Why it is in this state; up to 150 characters.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Whether it is an endpoint's own breaker, which is not shared.</summary>
    public bool IsLocal { get; init; }

    /// <summary>Whether this instance probes: for the fleet, if the breaker is shared.</summary>
    public bool IsProbing => State == BreakerState.HalfOpen;

    /// <summary>Outcomes that this instance has counted since it started, including probes.</summary>
    public long Calls { get; init; }

    /// <summary>How many of these failed.</summary>
    public long FailedCalls { get; init; }
}

/// <summary>One guarded endpoint in the report of an instance.</summary>
public sealed record ReportedEndpoint
{
    /// <summary>Its name, which is its queue's.</summary>
    public required string Name { get; init; }

    /// <summary>Its state on that instance.</summary>
    public EndpointState State { get; init; }

    /// <summary>Why an operator holds it, up to 150 characters; null if none does.</summary>
    public string? HeldBecause { get; init; }

    /// <summary>Who holds it; null if no operator does, or the operator was not specified.</summary>
    public string? HeldBy { get; init; }

    /// <summary>Whether the hold is that of the fleet, and not of this instance only.</summary>
    public bool IsHeldForFleet { get; init; }

    /// <summary>Messages that this instance has handled, successfully or not, since it started.</summary>
    public long Handled { get; init; }

    /// <summary>How many messages waited in its queue; null if this instance watches no queues.</summary>
    public long? Waiting { get; init; }
}
