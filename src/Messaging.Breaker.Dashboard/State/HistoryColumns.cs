namespace Messaging.Breaker.Dashboard.State;

/// <summary>
/// Samples in the form that a chart needs: a column of times, and one for each queue and breaker; null where it did not exist.
/// </summary>
/// <param name="At">Seconds since 1970 (UTC).</param>
/// <param name="Ready">Waiting messages, by queue.</param>
/// <param name="Calls">Outcomes counted since the process started, by breaker.</param>
/// <param name="FailedCalls">How many of them failed.</param>
sealed record HistoryColumns(
    IReadOnlyList<double> At,
    IReadOnlyDictionary<string, long?[]> Ready,
    IReadOnlyDictionary<string, long?[]> Calls,
    IReadOnlyDictionary<string, long?[]> FailedCalls)
{
    public static HistoryColumns Of(IReadOnlyList<History.Sample> samples)
    {
        var queues = samples.SelectMany(sample => sample.Ready.Keys).Distinct().ToList();
        var breakers = samples.SelectMany(sample => sample.Breakers.Keys).Distinct().ToList();
        return new HistoryColumns(
            [.. samples.Select(sample => sample.At)],
            Columns(queues, (sample, name) => sample.Ready.TryGetValue(name, out var ready) ? ready : null),
            Columns(breakers, (sample, name) => sample.Breakers.TryGetValue(name, out var count) ? count.Calls : null),
            Columns(breakers, (sample, name) => sample.Breakers.TryGetValue(name, out var count) ? count.Failed : null));

        Dictionary<string, long?[]> Columns(List<string> names, Func<History.Sample, string, long?> read) =>
            names.ToDictionary(name => name, name => samples.Select(sample => read(sample, name)).ToArray());
    }
}
