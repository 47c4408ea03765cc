using System.Globalization;
using System.Text;

namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>The figures as tables, with what each breaker adds to a bare pipe, and as ratios.</summary>
static class MicroReport
{
    static readonly int[] Threads = [1, 2, 8];

    static readonly (string Method, string Label)[] Filters =
    [
        (nameof(PipeBenchmarks.Bare), "no breaker"),
        (nameof(PipeBenchmarks.MassTransitBreaker), "`UseCircuitBreaker`"),
        (nameof(PipeBenchmarks.KillSwitch), "the kill switch's observer"),
        (nameof(PipeBenchmarks.Polly), "a filter around Polly's breaker"),
        (nameof(PipeBenchmarks.MessagingBreaker), "**Messaging.Breaker**, 1 breaker"),
        (nameof(PipeBenchmarks.MessagingBreaker10), "**Messaging.Breaker**, 10 breakers"),
        (nameof(PipeBenchmarks.MessagingBreaker100), "**Messaging.Breaker**, 100 breakers"),
    ];

    public static string Write(string machine, List<Figure> figures, double telemetry)
    {
        var text = new StringBuilder("# What a message costs\n\n");
        text.AppendLine(machine).AppendLine();
        text.AppendLine("Nanoseconds of a thread per operation, from the iteration of each benchmark that was disturbed least, all in one run. With more threads than cores they include the wait for one.").AppendLine();
        WriteEngine(text, figures);
        WritePipe(text, figures, nameof(PipeBenchmarks), "A message through a pipe, synchronous",
            "To a consumer that completes at once. In brackets: what the breaker adds to the bare pipe. Ratio: that, on one thread, to what `UseCircuitBreaker` adds.");
        WritePipe(text, figures, nameof(AsyncPipeBenchmarks), "A message through a pipe, asynchronous",
            "The same with a consumer that completes on another thread.");
        text.AppendLine("## Telemetry to which nobody listens\n");
        text.AppendLine(CultureInfo.InvariantCulture, $"All metrics, spans and health checks registered, against none of them, in turn: a message through the filters takes {Number(telemetry, 3)} times as long, the median of {TelemetryPairs.Count} pairs. Target: at most 1.02.");
        return text.ToString();
    }

    static void WriteEngine(StringBuilder text, List<Figure> figures)
    {
        text.AppendLine("## The engine alone\n");
        text.AppendLine("| | breakers | 1 thread | 2 threads | 8 threads | 2 to 1 | bytes |\n|---|---:|---:|---:|---:|---:|---:|");
        foreach (var (method, label) in new[] { (nameof(EngineBenchmarks.PermitAndRecord), "permit and record"), (nameof(EngineBenchmarks.Refusal), "refusal while open") })
            foreach (var group in figures.Where(figure => figure.Case == method).GroupBy(figure => figure.Breakers).OrderBy(group => group.Key))
            {
                var byThreads = group.ToDictionary(figure => figure.Threads);
                Row(text, [label, $"{group.Key}", .. Threads.Select(threads => Number(byThreads[threads].Nanoseconds)),
                    Number(byThreads[2].Nanoseconds / byThreads[1].Nanoseconds, 2), Number(byThreads[1].Bytes, 0)]);
            }

        text.AppendLine();
    }

    static void WritePipe(StringBuilder text, List<Figure> figures, string suite, string title, string explanation)
    {
        var all = figures.Where(figure => figure.Suite == suite).ToDictionary(figure => (figure.Case, figure.Threads));
        double Added(string method, int threads) => all[(method, threads)].Nanoseconds - all[(nameof(PipeBenchmarks.Bare), threads)].Nanoseconds;
        text.AppendLine(CultureInfo.InvariantCulture, $"## {title}\n\n{explanation}\n");
        text.AppendLine("| | 1 thread | 2 threads | 8 threads | ratio | bytes |\n|---|---:|---:|---:|---:|---:|");
        foreach (var (method, label) in Filters)
            Row(text, [label,
                .. Threads.Select(threads => $"{Number(all[(method, threads)].Nanoseconds)} ({Number(Added(method, threads))})"),
                Number(Added(method, 1) / Added(nameof(PipeBenchmarks.MassTransitBreaker), 1), 2), Number(all[(method, 1)].Bytes, 0)]);
        text.AppendLine();
    }

    static void Row(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");

    static string Number(double value, int digits = 1) => value.ToString($"N{digits}", CultureInfo.InvariantCulture);
}
