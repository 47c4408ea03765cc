using System.Diagnostics;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>
/// How many messages a second an empty consumer gets through, with a breaker and without, in pairs: what disturbs the machine for longer
/// than a pair disturbs both. Who comes first takes turns.
/// </summary>
sealed class Throughput(Broker broker, bool quick)
{
    const int Prefetch = 64;
    const string Queue = "throughput";

    readonly int _messages = quick ? 5_000 : 30_000;

    public async Task<string> MeasureAsync()
    {
        await RunAsync(guarded: true);
        await RunAsync(guarded: false);
        var pairs = new List<(double With, double Without)>();
        for (var round = 0; round < (quick ? 3 : 9); round++)
        {
            var isFirst = round % 2 == 0;
            var first = await RunAsync(isFirst);
            var second = await RunAsync(!isFirst);
            pairs.Add(isFirst ? (first, second) : (second, first));
        }

        var ratios = pairs.ConvertAll(pair => pair.With / pair.Without);
        return Table.Write(
            "Throughput",
            $"An empty consumer, prefetch {Prefetch}, {_messages:N0} messages that wait in the queue, {pairs.Count} pairs of runs. Target: at least 0.97.",
            ["", "messages a second, median"],
            ["without a breaker", Table.Number(Statistics.Median(pairs.ConvertAll(pair => pair.Without)), 0)],
            ["with a breaker", Table.Number(Statistics.Median(pairs.ConvertAll(pair => pair.With)), 0)],
            ["ratio, median of the pairs", Table.Number(Statistics.Median(ratios), 3)],
            ["ratio, lowest and highest", $"{Table.Number(ratios.Min(), 3)} to {Table.Number(ratios.Max(), 3)}"]);
    }

    async Task<double> RunAsync(bool guarded)
    {
        await broker.DeclareAsync(Queue);
        await broker.FillAsync(Queue, _messages);
        await using var worker = Worker.Create(broker, [Queue], guarded, Prefetch);
        await worker.StartAsync();
        // What it takes to start is not what it takes to consume.
        var warm = _messages / 10;
        await worker.UntilHandledAsync(warm);
        var (from, start) = (worker.Handled, Stopwatch.GetTimestamp());
        await worker.UntilHandledAsync(_messages);
        return (_messages - from) / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
