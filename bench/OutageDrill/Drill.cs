using System.Globalization;
using Messaging.Breaker.Bench;
using OutageDrill.Broker;
using OutageDrill.Reports;
using OutageDrill.Runs;
using OutageDrill.Scenarios;
using OutageDrill.Variants;

namespace OutageDrill;

/// <summary>Runs every variant through the main scenario, one after another, then those that pause through the longer ones, side by side.</summary>
sealed class Drill(BenchBroker broker, string logs)
{
    const int Rounds = 3;

    readonly List<RunResult> _runs = [];

    public async Task<DrillRecord> RunAsync(bool isQuick, CancellationToken cancellationToken)
    {
        var date = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        var machine = Setup.DescribeMachine();
        var versions = Setup.DescribeVersions(await DrillConnection.ReadVersionAsync(broker.Address, cancellationToken));

        for (var round = 1; round <= (isQuick ? 1 : Rounds); round++)
        {
            Add(await RunAsync(Scenario.Held, Catalog.WithoutBreaker, round, cancellationToken));
            foreach (var variant in Catalog.All)
                Add(await RunAsync(Scenario.Outage, variant, round, cancellationToken));
        }

        foreach (var scenario in isQuick ? [] : Scenario.Others)
        {
            foreach (var run in await Task.WhenAll(Catalog.Pausing.Select(variant => RunAsync(scenario, variant, 1, cancellationToken))))
                Add(run);
        }

        return new DrillRecord(date, $"dotnet run -c Release --project bench/OutageDrill{(isQuick ? " -- --quick" : "")}", machine, versions, _runs);
    }

    Task<RunResult> RunAsync(Scenario scenario, IVariant variant, int round, CancellationToken cancellationToken) =>
        new VariantRun(broker.Address, scenario, variant, round, logs).RunAsync(cancellationToken);

    void Add(RunResult run)
    {
        _runs.Add(run);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Scenario,-10} {run.Round}  {run.Variant,-18} {run.DeadLettered,6} dead-lettered {run.Lost,5} lost {run.Duplicates,4} duplicates "
            + $"{run.TroubledCalls.Count,6} calls in trouble  {run.Expense.CpuSeconds,5:0.0} s of CPU"));
    }
}
