namespace Messaging.Breaker.Dashboard.Fleet;

/// <summary>Summarises the instances' reports for each breaker.</summary>
static class FleetSummary
{
    public static IReadOnlyList<FleetBreaker> Of(IReadOnlyList<FleetReport> reports) =>
    [
        .. reports.Where(report => !report.IsSilent)
            .SelectMany(report => report.Breakers.Select(breaker => (report.Instance, Breaker: breaker)))
            .GroupBy(said => said.Breaker.Name, StringComparer.OrdinalIgnoreCase)
            .Select(said => Of([.. said]))
            .OrderBy(breaker => breaker.States.ContainsKey(BreakerState.Closed) && breaker.States.Count == 1)
            .ThenBy(breaker => breaker.Name, StringComparer.OrdinalIgnoreCase),
    ];

    static FleetBreaker Of(List<(string Instance, ReportedBreaker Breaker)> said)
    {
        var states = said.CountBy(one => one.Breaker.State).ToDictionary();
        return new FleetBreaker(
            said[0].Breaker.Name,
            states,
            [.. said.Where(one => one.Breaker.IsProbing).Select(one => one.Instance)],
            Disagreeing(said),
            said.Sum(one => one.Breaker.Calls),
            said.Sum(one => one.Breaker.FailedCalls));
    }

    /// <summary>
    /// Instances cannot disagree about a breaker that is not shared; and while one probes, the others are supposed to stay open.
    /// </summary>
    static IReadOnlyList<string> Disagreeing(List<(string Instance, ReportedBreaker Breaker)> said)
    {
        if (said.Exists(one => one.Breaker.IsLocal))
            return [];
        var most = said.CountBy(Stance).MaxBy(stance => stance.Value).Key;
        return [.. said.Where(one => Stance(one) != most).Select(one => one.Instance)];
    }

    static (BreakerState State, BreakerMode Mode) Stance((string Instance, ReportedBreaker Breaker) said) =>
        (said.Breaker.State == BreakerState.HalfOpen ? BreakerState.Open : said.Breaker.State, said.Breaker.Mode);
}
