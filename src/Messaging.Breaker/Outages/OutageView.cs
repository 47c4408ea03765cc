namespace Messaging.Breaker.Outages;

/// <summary>An outage in the page's API and the command line: durations are in seconds.</summary>
sealed record OutageView(
    string Id,
    string Breaker,
    string Instance,
    int Instances,
    DateTimeOffset Began,
    bool BeganEarlier,
    DateTimeOffset Ended,
    double Seconds,
    string Reason,
    string Cause,
    string EndReason,
    string EndCause,
    int Reopens,
    long Calls,
    long FailedCalls,
    long RefusedCalls,
    long Returned,
    long? Delayed,
    long CallsSpared,
    double? LongestWaitSeconds,
    double? DrainedInSeconds,
    string Drain,
    string Drained,
    IReadOnlyList<OutageBacklog> Queues)
{
    public static OutageView Of(OutageReport report) => new(
        report.Id,
        report.Breaker,
        report.Instance,
        report.Instances,
        report.Began,
        report.BeganEarlier,
        report.Ended,
        report.Length.TotalSeconds,
        report.Reason,
        $"{report.Cause}",
        report.EndReason,
        $"{report.EndCause}",
        report.Reopens,
        report.Calls,
        report.FailedCalls,
        report.RefusedCalls,
        report.Returned,
        report.Delayed,
        report.CallsSpared,
        report.LongestWait?.TotalSeconds,
        report.DrainedIn?.TotalSeconds,
        $"{report.Drain}",
        OutageText.Drained(report),
        report.Queues);
}

/// <summary>Outages, the latest first, and why some are missing; null if none is.</summary>
sealed record OutagesView(IReadOnlyList<OutageView> Outages, string? Problem);
