using System.Globalization;
using Messaging.Breaker.Benchmarks.Growth;
using Messaging.Breaker.Breakers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Benchmarks.Keys;

/// <summary>Measures the heap that remains for each key whose message was handled.</summary>
static class KeyMemory
{
    public static string Measure(int[] counts)
    {
        MeasureKeys(1);
        var none = MeasureKeys(0);
        var rows = counts.Select(count => new[] { Table.Number(count, 0), Table.Number((MeasureKeys(count) - none) / count, 0) }).ToArray();
        return Table.Write(
            "Memory",
            $"Bytes on the heap for each closed key that is remembered, its name of 15 characters included, after a full collection. Target: a few hundred.",
            ["keys", "bytes of each"],
            rows);
    }

    static double MeasureKeys(int count)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMessagingBreaker(breakers => breakers.Add("webhooks", options => options.PartitionByHeader("customer")));
        using var provider = services.BuildServiceProvider();
        var keys = provider.GetRequiredService<BreakerRegistry>().Get("webhooks").Partition!;
        var before = Heap.Measure();
        for (var number = 0; number < count; number++)
            keys.Enter(string.Create(CultureInfo.InvariantCulture, $"customer-{number:000000}"))!.Leave(hasRun: true);
        var after = Heap.Measure();
        GC.KeepAlive(keys);
        return after - before;
    }
}
