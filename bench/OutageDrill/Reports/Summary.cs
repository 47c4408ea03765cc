using Messaging.Breaker.Bench;
using OutageDrill.Runs;
using OutageDrill.Scenarios;
using OutageDrill.Variants;

namespace OutageDrill.Reports;

/// <summary>The median of each figure over the rounds of one variant in one scenario.</summary>
sealed class Summary(IVariant variant, Scenario scenario, double throughput, IReadOnlyList<RunResult> rounds)
{
    public IVariant Variant => variant;

    public bool HasRun => rounds.Count > 0;

    public double DeadLettered => Median(run => run.DeadLettered);

    public double Lost => Median(run => run.Lost + run.StillQueued);

    public double Duplicates => Median(run => run.Duplicates);

    public double TroubledCalls => Median(run => run.TroubledCalls.Count);

    public double? CallsAfterResume => MedianOrNull(run => run.CallsAfterResume);

    public double LogLines => Median(run => run.Expense.LogLines);

    public double LogBytes => Median(run => run.Expense.LogBytes);

    public double CpuSeconds => Median(run => run.Expense.CpuSeconds);

    public double? IdealDrain => MedianOrNull(IdealDrainOf);

    /// <summary>The round that a plot shows: the one with the median number of calls.</summary>
    public RunResult Typical => rounds.OrderBy(run => run.TroubledCalls.Count).ElementAt(rounds.Count / 2);

    public double? FirstSuccessAfter(double recovery) => MedianOrNull(run => run.FirstSuccess - recovery);

    public double? DrainedAfter(double recovery) => MedianOrNull(run => run.Drained - recovery);

    /// <summary>How long draining took from its start, as a multiple of what a worker without a breaker needs.</summary>
    public double? DrainRatio => MedianOrNull(run => run.Drained > run.FirstSuccess ? (run.Drained - run.FirstSuccess) / IdealDrainOf(run) : null);

    double? IdealDrainOf(RunResult run) => run.Backlog is { } backlog ? scenario.DrainTime(backlog, throughput) : null;

    double Median(Func<RunResult, double> figure) => Statistics.Median(rounds.Select(figure));

    /// <summary>Null if a round lacks the figure: a round that never recovered did not recover early.</summary>
    double? MedianOrNull(Func<RunResult, double?> figure)
    {
        var figures = rounds.Select(figure).ToList();
        return figures.Contains(null) ? null : Statistics.Median(figures.Select(value => value!.Value));
    }
}
