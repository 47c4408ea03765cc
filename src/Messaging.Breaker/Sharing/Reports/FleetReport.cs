namespace Messaging.Breaker;

/// <summary>What one instance of a fleet said last about itself.</summary>
public sealed record FleetReport
{
    /// <summary>Its name in the fleet.</summary>
    public required string Instance { get; init; }

    /// <summary>The machine that it runs on; empty if it does not say.</summary>
    public string Host { get; init; } = "";

    /// <summary>The version of the application; empty if it does not say.</summary>
    public string Version { get; init; } = "";

    /// <summary>The version of this library that it uses; empty if it does not say.</summary>
    public string LibraryVersion { get; init; } = "";

    /// <summary>When it started (UTC), by the clock of whoever reads it.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>How long ago it was heard of, by the store's clock.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>It has been silent for three times as long as it should be: it is dead, hangs, or cannot reach the store.</summary>
    public bool IsSilent { get; init; }

    /// <summary>What it says of its breakers, those that are not closed first.</summary>
    public IReadOnlyList<ReportedBreaker> Breakers { get; init; } = [];

    /// <summary>Its guarded endpoints, those that do not run first.</summary>
    public IReadOnlyList<ReportedEndpoint> Endpoints { get; init; } = [];

    /// <summary>How many breakers and endpoints are left out because a report has at most 8,000 letters. Those that are closed and run go first.</summary>
    public int Omitted { get; init; }
}

/// <summary>What an instance says of one breaker.</summary>
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

    /// <summary>It is the endpoint's own, and not shared.</summary>
    public bool IsLocal { get; init; }

    /// <summary>This instance probes: for the fleet, if the breaker is shared.</summary>
    public bool IsProbing => State == BreakerState.HalfOpen;

    /// <summary>Outcomes that this instance has counted since it started, probes included.</summary>
    public long Calls { get; init; }

    /// <summary>Those of them that failed.</summary>
    public long FailedCalls { get; init; }
}

/// <summary>What an instance says of one guarded endpoint.</summary>
public sealed record ReportedEndpoint
{
    /// <summary>Its name, which is its queue's.</summary>
    public required string Name { get; init; }

    /// <summary>What it does on that instance.</summary>
    public EndpointState State { get; init; }

    /// <summary>Why an operator holds it, up to 150 characters; null if none does.</summary>
    public string? HeldBecause { get; init; }

    /// <summary>Who holds it; null if nobody does, or he did not say.</summary>
    public string? HeldBy { get; init; }

    /// <summary>The hold is that of the fleet, not of this instance only.</summary>
    public bool IsHeldForFleet { get; init; }

    /// <summary>Messages that this instance has handled, well or not, since it started.</summary>
    public long Handled { get; init; }

    /// <summary>How many messages waited in its queue; null if this instance watches no queues.</summary>
    public long? Waiting { get; init; }
}
