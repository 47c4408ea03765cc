using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>Measures the heap that remains for each breaker, and for each started endpoint that is guarded beyond one that is not.</summary>
sealed class MemoryUse(Broker broker, bool quick)
{
    readonly int[] _counts = quick ? [1, 100] : [1, 100, 1_000];

    public async Task<string> MeasureAsync()
    {
        MeasureBreakers(1);
        await MeasureEndpointsAsync(1, true);
        await MeasureEndpointsAsync(1, false);
        var rows = new List<string[]>();
        foreach (var count in _counts)
        {
            var breakers = MeasureBreakers(count) - MeasureBreakers(0);
            // The first bus of a size fills the pools of the client, which must not count.
            await MeasureEndpointsAsync(count, true);
            var endpoints = await MeasureEndpointsAsync(count, true) - await MeasureEndpointsAsync(count, false);
            rows.Add([Table.Number(count, 0), Table.Number(breakers / count, 0), Table.Number(endpoints / count, 0)]);
        }

        return Table.Write(
            "Memory",
            $"Bytes on the heap for each, after a full collection: breakers with their options in a container, and endpoints of a started bus with one breaker for all, less the same endpoints without. Of one alone the noise is a large part. Target: at most 4,096 of each.",
            ["how many", "a breaker", "a guarded endpoint"],
            [.. rows]);
    }

    static double MeasureBreakers(int count)
    {
        var before = Heap.Measure();
        var services = new ServiceCollection();
        services.AddMessagingBreaker(breakers =>
        {
            for (var number = 0; number < count; number++)
                breakers.Add($"breaker-{number}");
        });
        var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IBreakerRegistry>();
        var after = Heap.Measure();
        provider.Dispose();
        return after - before;
    }

    async Task<double> MeasureEndpointsAsync(int count, bool guarded)
    {
        string[] queues = [.. Enumerable.Range(0, count).Select(number => $"memory-{number}")];
        var before = Heap.Measure();
        double after;
        await using (var worker = Worker.Create(broker, queues, guarded, prefetch: 1))
        {
            await worker.StartAsync();
            after = Heap.Measure();
        }

        foreach (var queue in queues)
            await broker.DeleteAsync(queue);
        return after - before;
    }
}
