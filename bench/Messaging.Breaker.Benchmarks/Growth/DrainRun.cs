using System.Globalization;
using System.Text.Json;
using Messaging.Breaker.Benchmarks.Results;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>Drains a backlog with calls of several lengths, or of one that was asked for.</summary>
static class DrainRun
{
    static readonly Row[] Rows = [new(5, 64, 20_000, 1.15), new(50, 64, 10_000, 1.1), new(200, 200, 15_000, 1.25), new(1_000, 100, 3_000, 1.35)];

    public static async Task RunAsync(string[] args, string? address)
    {
        var (work, prefetch, messages) = (Option(args, "--work"), Option(args, "--prefetch"), Option(args, "--messages"));
        var pairs = Option(args, "--pairs") ?? 1;
        await using var broker = await Broker.ConnectAsync(address);
        // The first run of a process includes the time to compile its code.
        await new Draining(broker, TimeSpan.FromMilliseconds(1), 64, 2_000).MeasureAsync(pairs: 1);
        if ((work ?? prefetch ?? messages) is null && !args.Contains("--json"))
        {
            await WriteAllAsync(broker, pairs);
            return;
        }

        var row = new Row(work ?? 200, prefetch ?? 200, messages ?? 15_000, null);
        var figures = await row.MeasureAsync(broker, pairs);
        Console.WriteLine(args.Contains("--json")
            ? JsonSerializer.Serialize(figures, JsonSerializerOptions.Web)
            : string.Join(" | ", row.Write(figures)));
    }

    static async Task WriteAllAsync(Broker broker, int pairs)
    {
        var machine = ReportHeader.Write("dotnet run -c Release --project bench/Messaging.Breaker.Benchmarks -- drain");
        List<string[]> rows = [];
        foreach (var row in Rows)
            rows.Add(row.Write(await row.MeasureAsync(broker, pairs)));
        var table = Table.Write(
            "Seconds until the last message is handled",
            $"Everything waits in the queue of a paused endpoint when the dependency is back. Without: a worker without a breaker, from its start, in the same run on the same machine. With: from the first probe, through the ramp. Each figure is the median of {pairs}.",
            ["one call, most at once", "messages", "without", "with", "ratio", "goal"],
            [.. rows]);
        await ResultFile.WriteAsync(
            "drain.md", $"# Draining a backlog\n\n{machine}\n\nRabbitMQ {broker.Version}, a classic queue, in the same machine as the worker.\n\n{table}");
    }

    static int? Option(string[] args, string name) =>
        args.SkipWhile(argument => argument != name).Skip(1).FirstOrDefault() is { } value ? int.Parse(value, CultureInfo.InvariantCulture) : null;

    sealed record Row(int Milliseconds, int Prefetch, int Messages, double? Goal)
    {
        public Task<DrainFigures> MeasureAsync(Broker broker, int pairs) =>
            new Draining(broker, TimeSpan.FromMilliseconds(Milliseconds), Prefetch, Messages).MeasureAsync(pairs);

        public string[] Write(DrainFigures figures) =>
        [
            $"{Table.Number(Milliseconds, 0)} ms, {Prefetch}",
            Table.Number(Messages, 0),
            Table.Number(figures.IdealSeconds, 1),
            Table.Number(figures.Seconds, 1),
            Table.Number(figures.Ratio, 2),
            Goal is { } goal ? Table.Number(goal, 2) : "",
        ];
    }
}
