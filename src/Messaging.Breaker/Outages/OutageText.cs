using System.Globalization;

namespace Messaging.Breaker.Outages;

/// <summary>The one-line summary of an outage.</summary>
static class OutageText
{
    public static string Of(OutageReport report)
    {
        var parts = new List<string>
        {
            Text($"not closed for {Span(report.Length)}, from {Time(report.Began)}{(report.BeganEarlier ? " or earlier" : "")} to {Time(report.Ended)}"),
            $"opened since: {report.Reason}",
            $"closed since: {report.EndReason}",
            report.Reopens switch
            {
                0 => "did not reopen",
                1 => "reopened once",
                var often => Text($"reopened {often:N0} times"),
            },
            Text($"{report.Calls:N0} calls during the outage, all of them probes, {report.FailedCalls:N0} failed"),
        };
        if (report.RefusedCalls > 0)
            parts.Add(Text($"{report.RefusedCalls:N0} refused"));
        parts.Add(report.Delayed is { } delayed ? Text($"{delayed:N0} messages waited at most{Longest(report)}") : "how many messages waited is not known");
        if (report.Returned > 0)
            parts.Add(Text($"{report.Returned:N0} went back to their queues"));
        parts.Add(Drained(report));
        return string.Join("; ", parts);
    }

    /// <summary>As in "drained in 31 s".</summary>
    public static string Drained(OutageReport report) => (report.Drain, report.DrainedIn) switch
    {
        (OutageDrain.Queues, { } time) => $"drained in {Span(time)}",
        (OutageDrain.Ramp, { } time) => $"the ramp was over in {Span(time)}",
        (OutageDrain.UnderWay, _) => "still draining",
        (OutageDrain.TooLong, _) => "not drained after a quarter of an hour",
        (OutageDrain.NextOutage, _) => "not drained before it opened again",
        (OutageDrain.Stopped, _) => "how long it took to drain is not known: the instance that watched it has stopped",
        _ => "how long it took to drain is not known",
    };

    public static string Span(TimeSpan time) => time switch
    {
        { TotalSeconds: < 9.95 } => Text($"{time.TotalSeconds:0.#} s"),
        { TotalMinutes: < 2 } => Text($"{time.TotalSeconds:0} s"),
        { TotalHours: < 2 } => Text($"{time.TotalMinutes:0} min"),
        _ => Text($"{time.TotalHours:0.#} h"),
    };

    static string Longest(OutageReport report) => report.LongestWait is { } wait ? $", the longest for {Span(wait)}" : "";

    static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
