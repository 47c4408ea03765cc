using System.Diagnostics;
using Messaging.Breaker.Bench;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>Measures how long a backlog takes after a recovery, through probes and ramp, compared with a worker that starts at full speed.</summary>
sealed class Draining(Broker broker, TimeSpan work, int prefetch, int messages)
{
    const string Queue = "draining";

    /// <summary>The median of pairs. The two of a pair are measured one after the other, so that a disturbance of the machine affects both.</summary>
    public async Task<DrainFigures> MeasureAsync(int pairs)
    {
        var measured = new List<(double Seconds, double Ideal)>();
        for (var pair = 0; pair < pairs; pair++)
            measured.Add((await RecoverAsync(), await StartAsync()));
        return new DrainFigures(
            Statistics.Median(measured.ConvertAll(pair => pair.Ideal)),
            Statistics.Median(measured.ConvertAll(pair => pair.Seconds)),
            Statistics.Median(measured.ConvertAll(pair => pair.Seconds / pair.Ideal)));
    }

    async Task<double> StartAsync()
    {
        await broker.DeclareAsync(Queue);
        await broker.FillAsync(Queue, messages);
        await using var worker = Worker.Create(broker, [Queue], guarded: false, prefetch, work);
        var start = Stopwatch.GetTimestamp();
        await worker.StartAsync();
        await worker.UntilHandledAsync(messages);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The time from when a paused endpoint resumes, probes included.</summary>
    async Task<double> RecoverAsync()
    {
        await broker.DeclareAsync(Queue);
        await using var worker = Worker.Create(broker, [Queue], guarded: true, prefetch, work);
        await worker.StartAsync();
        worker.Breaker.Isolate("the outage");
        while (worker.Endpoints.Endpoints[0].State != EndpointState.Paused)
            await Task.Delay(10);
        await broker.FillAsync(Queue, messages);
        var start = Stopwatch.GetTimestamp();
        worker.Breaker.Release("the dependency is back");
        await worker.UntilHandledAsync(messages);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}

/// <param name="IdealSeconds">The time that a worker without a breaker takes, from its start.</param>
/// <param name="Seconds">The time that a guarded worker takes, from its first probe.</param>
/// <param name="Ratio">The median of the pairs' ratios.</param>
sealed record DrainFigures(double IdealSeconds, double Seconds, double Ratio);
