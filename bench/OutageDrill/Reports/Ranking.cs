using OutageDrill.Runs;
using OutageDrill.Variants;

namespace OutageDrill.Reports;

/// <summary>From the least harm to the most: lost, then dead-lettered, then duplicated messages, then calls to the dead dependency.</summary>
static class Ranking
{
    public static IReadOnlyList<string> Of(IEnumerable<RunResult> runs) =>
    [
        .. runs
            .Where(run => Catalog.Find(run.Variant).IsRanked)
            .OrderBy(run => run.Lost + run.StillQueued)
            .ThenBy(run => run.DeadLettered)
            .ThenBy(run => run.Duplicates)
            .ThenBy(run => run.TroubledCalls.Count)
            .Select(run => run.Variant),
    ];
}
