using System.Globalization;
using System.Text;
using OutageDrill.Runs;
using OutageDrill.Scenarios;
using OutageDrill.Variants;

namespace OutageDrill.Reports;

sealed class MarkdownReport(DrillRecord record)
{
    readonly StringBuilder _text = new();

    public override string ToString()
    {
        Line($"""
            # The outage drill: results

            {record.Date} UTC, `{record.Command}`

            {record.Machine}

            {record.Versions}

            What is measured and how: [docs/outage-drill.md](../../docs/outage-drill.md). Figures are medians of the rounds; times are in seconds
            since the dependency's recovery. "Ideal" is what a worker without a breaker needs for the same backlog: on this machine it handled
            {Number(Math.Round(record.Throughput))} messages a second.
            """);
        foreach (var scenario in Scenario.Others.Prepend(Scenario.Outage))
            AddScenario(scenario);
        return _text.ToString();
    }

    static string Number(double? value) => value is { } number ? number.ToString("#,0.#", CultureInfo.InvariantCulture) : "";

    static string Seconds(double? value) => value is { } number ? number.ToString("0.00", CultureInfo.InvariantCulture) : "";

    static string Drained(Summary summary, double recovery) => summary.DrainedAfter(recovery) is { } drained
        ? $"{Seconds(drained)} ({Seconds(summary.IdealDrain)}{Ratio(summary.DrainRatio)})"
        : "";

    static string Ratio(double? value) => value is { } ratio ? $"; {ratio.ToString("0.0", CultureInfo.InvariantCulture)} x" : "";

    static string Volume(double bytes) => bytes switch
    {
        < 1_000 => Number(bytes) + " B",
        < 1_000_000 => (bytes / 1_000).ToString("0", CultureInfo.InvariantCulture) + " kB",
        _ => (bytes / 1_000_000).ToString("0.0", CultureInfo.InvariantCulture) + " MB",
    };

    void AddScenario(Scenario scenario)
    {
        var runs = record.Runs.Where(run => run.Scenario == scenario.Id).ToList();
        if (runs.Count == 0)
            return;
        var rounds = runs.Max(run => run.Round);
        var manner = scenario == Scenario.Outage ? "one after another" : "all at the same time";
        var recovery = scenario.Timeline.Recovery;
        Line($"""

            ## {scenario.Title}

            {Number(scenario.Messages)} messages at {scenario.Rate} a second, {manner}, {(rounds == 1 ? "one round" : $"{rounds} rounds")}.

            | | dead-lettered | lost | duplicates | calls in trouble | after a resume | first success | drained (ideal; ratio) | log lines | log | client CPU |
            |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
            """);
        foreach (var row in record.Summarize(scenario))
        {
            var title = row.Variant.IsOurs ? $"**{row.Variant.Title}**" : row.Variant.Title;
            Line($"| {title} | {Number(row.DeadLettered)} | {Number(row.Lost)} | {Number(row.Duplicates)} | {Number(row.TroubledCalls)} "
                + $"| {Number(row.CallsAfterResume)} | {Seconds(row.FirstSuccessAfter(recovery))} | {Drained(row, recovery)} "
                + $"| {Number(row.LogLines)} | {Volume(row.LogBytes)} | {row.CpuSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s |");
        }

        AddRanking(runs);
    }

    void AddRanking(List<RunResult> runs)
    {
        var rankings = runs.GroupBy(run => run.Round).Select(Ranking.Of).ToList();
        var first = string.Join("; ", rankings[0].Select((id, place) => $"{place + 1}. {Catalog.Find(id).Title}"));
        var same = rankings.Count == 1 ? "" : rankings.All(ranking => ranking.SequenceEqual(rankings[0]))
            ? $" The same in all {rankings.Count} rounds."
            : " Not the same in all rounds: "
                + string.Join("; ", rankings.Skip(1).Select(ranking => string.Join(" < ", ranking.Select(id => Catalog.Find(id).Title)))) + ".";
        Line($"""

            From the least harm to the most (lost, dead-lettered, duplicated, calls in trouble): {first}.{same}
            """);
    }

    void Line(string text) => _text.Append(text).Append('\n');
}
