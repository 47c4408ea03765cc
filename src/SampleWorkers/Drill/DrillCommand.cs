namespace SampleWorkers.Drill;

static class DrillCommand
{
    public static async Task<int> RunAsync(DrillSettings settings, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<string> lastWarnings = [];
        var figures = await DrillProgress.ShowAsync(settings, async progress =>
        {
            var run = new DrillRun(settings, progress);
            var result = await run.RunAsync(cancellationToken);
            lastWarnings = run.LastWarnings;
            return result;
        });

        DrillReport.Write(settings, figures, lastWarnings);
        if (settings.Json)
            Console.WriteLine(figures.ToJson());
        return figures.Succeeded ? CommandLine.ExitCode.Success : CommandLine.ExitCode.Failure;
    }
}
