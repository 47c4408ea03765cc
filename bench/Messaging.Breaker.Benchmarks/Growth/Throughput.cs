using System.Diagnostics;
using Messaging.Breaker.Bench;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>
/// Measures how many messages a second an empty consumer handles with a breaker and without, in pairs: a disturbance of the machine that lasts longer
/// than a pair affects both. Each of the two goes first in turn.
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
        var pairs = new List<(Speed With, Speed Without)>();
        for (var round = 0; round < (quick ? 3 : 9); round++)
        {
            var isFirst = round % 2 == 0;
            var first = await RunAsync(isFirst);
            var second = await RunAsync(!isFirst);
            pairs.Add(isFirst ? (first, second) : (second, first));
        }

        var ratios = pairs.ConvertAll(pair => pair.With.Rate / pair.Without.Rate);
        return Table.Write(
            "Throughput",
            $"An empty consumer, prefetch {Prefetch}, {_messages:N0} messages that wait in the queue, {pairs.Count} pairs of runs. Target: at least 0.97.",
            ["", "messages a second", "microseconds of the client's CPU a message"],
            ["without a breaker, median", .. Describe(pairs.ConvertAll(pair => pair.Without))],
            ["with a breaker, median", .. Describe(pairs.ConvertAll(pair => pair.With))],
            ["ratio, median of the pairs", Table.Number(Statistics.Median(ratios), 3), Table.Number(Statistics.Median(pairs.ConvertAll(pair => pair.With.Cpu / pair.Without.Cpu)), 3)],
            ["ratio, lowest and highest", $"{Table.Number(ratios.Min(), 3)} to {Table.Number(ratios.Max(), 3)}", ""]);
    }

    static string[] Describe(List<Speed> speeds) =>
    [
        Table.Number(Statistics.Median(speeds.ConvertAll(speed => speed.Rate)), 0),
        Table.Number(Statistics.Median(speeds.ConvertAll(speed => speed.Cpu)), 1),
    ];

    async Task<Speed> RunAsync(bool guarded)
    {
        await broker.DeclareAsync(Queue);
        await broker.FillAsync(Queue, _messages);
        await using var worker = Worker.Create(broker, [Queue], guarded, Prefetch);
        await worker.StartAsync();
        // The start of the worker must not count.
        var warm = _messages / 10;
        await worker.UntilHandledAsync(warm);
        var (from, start, cpu) = (worker.Handled, Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        await worker.UntilHandledAsync(_messages);
        var handled = _messages - from;
        return new Speed(
            handled / Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / handled);
    }

    readonly record struct Speed(double Rate, double Cpu);
}
