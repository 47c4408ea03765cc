using System.Diagnostics;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>How long a backlog takes after a recovery, through probes and ramp, beside a worker that starts at full speed.</summary>
sealed class Draining(Broker broker, bool quick)
{
    const int Prefetch = 64;
    const string Queue = "draining";

    static readonly TimeSpan Work = TimeSpan.FromMilliseconds(5);

    readonly int _messages = quick ? 10_000 : 100_000;

    public async Task<string> MeasureAsync()
    {
        var pairs = new List<(double Ours, double Ideal)>();
        for (var round = 0; round < (quick ? 1 : 3); round++)
            pairs.Add((await RecoverAsync(), await StartAsync()));
        return Table.Write(
            "Draining a backlog",
            $"{_messages:N0} messages of {Work.TotalMilliseconds} ms wait when the dependency is back; prefetch {Prefetch}. Seconds until the last is handled, median of {pairs.Count} pairs. Ideal: a worker without a breaker, from its start. Target: at most 1.25.",
            ["", "seconds"],
            ["ideal", Table.Number(Statistics.Median(pairs.ConvertAll(pair => pair.Ideal)), 2)],
            ["with a breaker: probes, a ramp, then full speed", Table.Number(Statistics.Median(pairs.ConvertAll(pair => pair.Ours)), 2)],
            ["ratio, median of the pairs", Table.Number(Statistics.Median(pairs.ConvertAll(pair => pair.Ours / pair.Ideal)), 2)]);
    }

    async Task<double> StartAsync()
    {
        await broker.DeclareAsync(Queue);
        await broker.FillAsync(Queue, _messages);
        await using var worker = Worker.Create(broker, [Queue], guarded: false, Prefetch, Work);
        var start = Stopwatch.GetTimestamp();
        await worker.StartAsync();
        await worker.UntilHandledAsync(_messages);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    async Task<double> RecoverAsync()
    {
        await broker.DeclareAsync(Queue);
        await using var worker = Worker.Create(broker, [Queue], guarded: true, Prefetch, Work);
        await worker.StartAsync();
        worker.Breaker.Isolate("the outage");
        while (worker.Endpoints.Endpoints[0].State != EndpointState.Paused)
            await Task.Delay(10);
        await broker.FillAsync(Queue, _messages);
        var start = Stopwatch.GetTimestamp();
        worker.Breaker.Release("the dependency is back");
        await worker.UntilHandledAsync(_messages);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
