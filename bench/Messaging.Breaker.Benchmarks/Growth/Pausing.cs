using System.Diagnostics;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>Measures how long after a trip the broker has no consumer left and the endpoint nothing in flight.</summary>
sealed class Pausing(Broker broker, bool quick)
{
    const string Queue = "pausing";

    static readonly TimeSpan Work = TimeSpan.FromMilliseconds(20);

    readonly int _rounds = quick ? 3 : 15;

    public async Task<string> MeasureAsync()
    {
        var rows = new List<string[]>();
        foreach (var handlers in new[] { 1, 32, 256 })
        {
            var (consumers, paused) = await MeasureAsync(handlers);
            rows.Add([Table.Number(handlers, 0), Table.Spread(consumers), Table.Spread(paused)]);
        }

        return Table.Write(
            "From a trip to a pause",
            $"Handlers of {Work.TotalMilliseconds} ms under way when the breaker trips; milliseconds, median (highest) of {_rounds}. The broker is asked over AMQP, as often as it answers. Target: no consumer within 30 ms with 32 handlers.",
            ["handlers under way", "until there is no consumer", "until nothing is under way and the channel is closed"],
            [.. rows]);
    }

    async Task<(List<double> Consumers, List<double> Paused)> MeasureAsync(int handlers)
    {
        var (consumers, paused) = (new List<double>(), new List<double>());
        await broker.DeclareAsync(Queue);
        await broker.FillAsync(Queue, handlers * 20 * (_rounds + 1));
        await using var worker = Worker.Create(broker, [Queue], guarded: true, handlers, Work);
        await worker.StartAsync();
        for (var round = 0; round < _rounds; round++)
        {
            await Worker.UntilAsync(() => worker.UnderWay == handlers);
            await Task.Delay(50);
            var start = Stopwatch.GetTimestamp();
            worker.Breaker.Trip("benchmark", TimeSpan.FromMinutes(1));
            var pausing = Worker.UntilAsync(() => worker.Endpoints.Endpoints[0].State == EndpointState.Paused);
            while ((await broker.ReadAsync(Queue)).ConsumerCount > 0)
            {
            }

            consumers.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            await pausing;
            paused.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            worker.Breaker.Reset("benchmark");
        }

        worker.Breaker.Isolate("the end");
        await Worker.UntilAsync(() => worker.Endpoints.Endpoints[0].State == EndpointState.Paused);
        await broker.DeleteAsync(Queue);
        return (consumers, paused);
    }
}
