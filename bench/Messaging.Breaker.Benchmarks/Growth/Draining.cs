using System.Diagnostics;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>How long a backlog takes after a recovery, through probes and ramp, beside a worker that starts at full speed.</summary>
sealed class Draining(Broker broker, TimeSpan work, int prefetch, int messages)
{
    const string Queue = "draining";

    /// <summary>Median of pairs, each of which is measured in a row: what the machine does meanwhile, it does to both.</summary>
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

    /// <summary>From the moment at which a paused endpoint resumes, probes included.</summary>
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

/// <param name="IdealSeconds">What a worker without a breaker takes, from its start.</param>
/// <param name="Seconds">What a guarded one takes, from its first probe.</param>
/// <param name="Ratio">The median of the pairs' ratios.</param>
sealed record DrainFigures(double IdealSeconds, double Seconds, double Ratio);
