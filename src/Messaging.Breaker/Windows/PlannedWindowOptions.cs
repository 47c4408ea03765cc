namespace Messaging.Breaker;

/// <summary>
/// A planned isolation of a breaker, or a planned hold of an endpoint: once from <see cref="Start"/> to <see cref="End"/>, or repeating by
/// <see cref="Cron"/> for <see cref="Duration"/>. Set in code with <c>breakers.PlanWindow("nightly", window =&gt; ...)</c>, or in
/// configuration under <c>Breakers:Windows:nightly</c>, which wins. Validated when the host starts. A change of the configuration is
/// applied while running; an invalid change is logged and not applied. Not thread-safe while being set.
/// </summary>
public sealed class PlannedWindowOptions
{
    /// <summary>The breaker to isolate. Set either this or <see cref="Endpoint"/>.</summary>
    public string? Breaker { get; set; }

    /// <summary>The endpoint to hold, on every instance of a fleet. Set either this or <see cref="Breaker"/>.</summary>
    public string? Endpoint { get; set; }

    /// <summary>
    /// When a one-time window begins: ISO 8601, as in <c>2026-03-01T02:00</c>, in <see cref="TimeZone"/>, or with its own offset.
    /// </summary>
    public string? Start { get; set; }

    /// <summary>When a one-time window ends, in the same form. <see cref="Duration"/> is the alternative.</summary>
    public string? End { get; set; }

    /// <summary>
    /// When a repeating window begins: minute, hour, day of the month, month, day of the week, as in <c>0 2 * * SUN</c>, in
    /// <see cref="TimeZone"/>. If the clocks skip a time, the window begins right after the change; if a time comes twice, it begins the
    /// first time.
    /// </summary>
    public string? Cron { get; set; }

    /// <summary>How long the window lasts, even across a change of the clocks. From 1 s to 7 days.</summary>
    public TimeSpan? Duration { get; set; }

    /// <summary>The name of the time zone in the IANA database, as in <c>Europe/Berlin</c>. Default <c>UTC</c>.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>Why, for logs, the dashboard and the operator on call. Required.</summary>
    public string Reason { get; set; } = "";

    /// <summary>How long before its start the window is announced. From 0, for never, to 7 days; default 15 minutes.</summary>
    public TimeSpan AnnounceBefore { get; set; } = TimeSpan.FromMinutes(15);
}
