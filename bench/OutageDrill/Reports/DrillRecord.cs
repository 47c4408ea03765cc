using System.Text.Json;
using Messaging.Breaker.Bench;
using OutageDrill.Runs;
using OutageDrill.Scenarios;
using OutageDrill.Variants;

namespace OutageDrill.Reports;

/// <summary>Everything that a drill found, kept as a file so that its report and plots can be made again.</summary>
sealed record DrillRecord(string Date, string Command, string Machine, string Versions, IReadOnlyList<RunResult> Runs)
{
    /// <summary>Messages a second that a worker without a breaker handled on this machine while it drained the backlog of the same outage.</summary>
    public double Throughput => Statistics.Median(
        Runs.Where(run => run.Scenario == Scenario.Held.Id)
            .Select(run => Scenario.Held.Throughput(run.Backlog!.Value, run.Drained!.Value - Scenario.Held.Timeline.Recovery)));

    public static async Task<DrillRecord> LoadAsync(string path)
    {
        await using var file = File.OpenRead(path);
        return (await JsonSerializer.DeserializeAsync<DrillRecord>(file))!;
    }

    public async Task SaveAsync(string path)
    {
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, this);
    }

    /// <summary>In the order of the catalogue.</summary>
    public IReadOnlyList<Summary> Summarize(Scenario scenario) =>
    [
        .. Catalog.All
            .Select(variant => new Summary(variant, scenario, Throughput, [.. Runs.Where(run => run.Scenario == scenario.Id && run.Variant == variant.Id)]))
            .Where(summary => summary.HasRun),
    ];
}
