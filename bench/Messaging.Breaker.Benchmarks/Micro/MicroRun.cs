using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Messaging.Breaker.Benchmarks.Results;
using Perfolizer.Horology;

namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>
/// Runs all benchmarks one after the other in one process, so that all figures of a table come from the same machine in the same condition.
/// </summary>
static class MicroRun
{
    public static async Task RunAsync(bool quick)
    {
        var machine = ReportHeader.Write($"dotnet run -c Release --project bench/Messaging.Breaker.Benchmarks -- micro{(quick ? " --quick" : "")}");
        var config = ManualConfig.CreateEmpty()
            .AddJob(Job.Default
                .WithToolchain(InProcessEmitToolchain.DontLogOutput)
                .WithStrategy(BenchmarkDotNet.Engines.RunStrategy.Throughput)
                .WithWarmupCount(quick ? 3 : 6)
                .WithIterationCount(quick ? 10 : 30)
                .WithIterationTime(TimeInterval.FromMilliseconds(25)))
            .AddDiagnoser(MemoryDiagnoser.Default)
            .AddColumnProvider(BenchmarkDotNet.Columns.DefaultColumnProviders.Instance)
            .AddLogger(ConsoleLogger.Default)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "messaging-breaker-benchmarks"))
            .WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableLogFile);
        var summaries = BenchmarkRunner.Run([typeof(EngineBenchmarks), typeof(PipeBenchmarks), typeof(AsyncPipeBenchmarks)], config);
        var figures = summaries.SelectMany(summary => summary.Reports).Where(report => report.Success).Select(ToFigure).ToList();
        await ResultFile.WriteAsync(quick ? "micro-quick.md" : "micro.md", MicroReport.Write(machine, figures, TelemetryPairs.Measure()));
    }

    static Figure ToFigure(BenchmarkReport report)
    {
        var method = report.BenchmarkCase.Descriptor;
        var parameters = report.BenchmarkCase.Parameters.Items.ToDictionary(parameter => parameter.Name, parameter => (int)parameter.Value);
        var threads = parameters["Threads"];
        return new Figure(
            method.Type.Name,
            method.WorkloadMethod.Name,
            threads,
            parameters.TryGetValue("Breakers", out var breakers) ? breakers : null,
            report.ResultStatistics!.Min,
            (report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0) / (double)threads);
    }
}
