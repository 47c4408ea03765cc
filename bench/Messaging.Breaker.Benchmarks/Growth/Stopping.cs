using System.Diagnostics;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>Measures how long a bus takes to stop, beyond the handlers in flight, in each state of its breaker.</summary>
sealed class Stopping(Broker broker, bool quick)
{
    const int Handlers = 32;
    const int Probes = 3;
    const int Held = 5;
    const int Waiting = 200;
    const string Queue = "stopping";

    static readonly TimeSpan Work = TimeSpan.FromMilliseconds(500);

    readonly int _rounds = quick ? 2 : 9;

    public async Task<string> MeasureAsync() => Table.Write(
        "Stopping",
        $"Milliseconds until the bus has stopped: from the order, or from the end of the last handler under way ({Work.TotalMilliseconds} ms each). Median (highest) of {_rounds}; {Waiting} messages in the queue. Target: at most 2,000.",
        ["", "handlers under way", "until stopped"],
        await MeasureAsync("without a breaker", Handlers, UnderWayAsync(Handlers), guarded: false),
        await MeasureAsync("Closed", Handlers, UnderWayAsync(Handlers)),
        await MeasureAsync($"Closed, {Held} failed messages wait for their verdict", 0, HeldAsync, waiting: Held, isFailing: true),
        await MeasureAsync("Open", 0, worker => PausedAsync(worker, () => worker.Breaker.Trip("benchmark", TimeSpan.FromMinutes(1)))),
        await MeasureAsync("HalfOpen", Probes, ProbingAsync),
        await MeasureAsync("Isolated", 0, worker => PausedAsync(worker, () => worker.Breaker.Isolate("benchmark"))));

    async Task<string[]> MeasureAsync(
        string state, int underWay, Func<Worker, Task> bringAbout, bool guarded = true, int waiting = Waiting, bool isFailing = false)
    {
        var times = new List<double>();
        for (var round = 0; round < _rounds; round++)
        {
            await broker.DeclareAsync(Queue);
            await broker.FillAsync(Queue, waiting);
            times.Add((await StopAsync(bringAbout, guarded, isFailing)).TotalMilliseconds);
            await broker.DeleteAsync(Queue);
        }

        return [state, Table.Number(underWay, 0), Table.Spread(times)];
    }

    async Task<TimeSpan> StopAsync(Func<Worker, Task> bringAbout, bool guarded, bool isFailing)
    {
        await using var worker = Worker.Create(broker, [Queue], guarded, Handlers, Work);
        worker.IsFailing = isFailing;
        await worker.StartAsync();
        await bringAbout(worker);
        var start = Stopwatch.GetTimestamp();
        await worker.StopAsync();
        return Stopwatch.GetElapsedTime(Math.Max(start, worker.LastEnd));
    }

    static Func<Worker, Task> UnderWayAsync(int handlers) => worker => Worker.UntilAsync(() => worker.UnderWay == handlers);

    static Task HeldAsync(Worker worker) => Worker.UntilAsync(() => worker.Failed >= Held);

    static async Task PausedAsync(Worker worker, Action pause)
    {
        pause();
        await Worker.UntilAsync(() => worker.Endpoints.Endpoints[0].State == EndpointState.Paused);
    }

    static async Task ProbingAsync(Worker worker)
    {
        await PausedAsync(worker, () => worker.Breaker.Isolate("benchmark"));
        worker.Breaker.Release("benchmark");
        await UnderWayAsync(Probes)(worker);
    }
}
