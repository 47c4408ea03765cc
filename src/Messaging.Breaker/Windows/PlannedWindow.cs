namespace Messaging.Breaker;

/// <summary>A window at one of its times.</summary>
public sealed record PlannedWindow
{
    /// <summary>The name of the window in the configuration or in code, or the id of one that was added while running.</summary>
    public required string Name { get; init; }

    /// <summary>The breaker that is isolated; null if an endpoint is held.</summary>
    public string? Breaker { get; init; }

    /// <summary>The endpoint that is held; null if a breaker is isolated.</summary>
    public string? Endpoint { get; init; }

    /// <summary>When it begins (UTC).</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>When it ends (UTC).</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Who added it while running; null if it comes from configuration or code.</summary>
    public string? By { get; init; }

    /// <summary>Whether it was added while running, and can be removed.</summary>
    public bool IsRemovable { get; init; }

    /// <summary>The cron expression of a repeating window; null for a one-time window.</summary>
    public string? Cron { get; init; }

    /// <summary>The time zone of <see cref="Cron"/>; null for a one-time window.</summary>
    public string? TimeZone { get; init; }
}

/// <summary>An event of a window.</summary>
public enum WindowEvent
{
    /// <summary>It begins soon.</summary>
    Announced,

    /// <summary>
    /// It has begun: its breaker is isolated or its endpoint is held, unless <see cref="WindowNews.Detail"/> says otherwise.
    /// </summary>
    Began,

    /// <summary>Its time is over. If an operator has already released its breaker or resumed its endpoint, nothing changes.</summary>
    Ended,
}

/// <summary>An event of a window; in a fleet, one instance reports it.</summary>
/// <param name="Event">What happened.</param>
/// <param name="Window">The window, at the time that the event is about.</param>
/// <param name="Detail">A remark, for example why nothing was done; may be empty.</param>
public sealed record WindowNews(WindowEvent Event, PlannedWindow Window, string Detail);

/// <summary>An order to add a one-time window while running.</summary>
public sealed record WindowOrder
{
    /// <summary>The breaker to isolate. Set either this or <see cref="Endpoint"/>.</summary>
    public string? Breaker { get; init; }

    /// <summary>The endpoint to hold. Set either this or <see cref="Breaker"/>.</summary>
    public string? Endpoint { get; init; }

    /// <summary>When it begins; at once if that time has passed.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>When it ends: in the future, and at most 7 days after its start, which is at most 366 days ahead.</summary>
    public required DateTimeOffset End { get; init; }

    /// <summary>Why: one line of at most 500 characters.</summary>
    public required string Reason { get; init; }

    /// <summary>Who gives the order; null if not specified.</summary>
    public string? By { get; init; }
}
