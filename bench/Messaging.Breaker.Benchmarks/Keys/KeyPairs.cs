using System.Diagnostics;
using System.Globalization;
using MassTransit;
using Messaging.Breaker.Benchmarks.Growth;
using Messaging.Breaker.Benchmarks.Micro;

namespace Messaging.Breaker.Benchmarks.Keys;

/// <summary>
/// Compares the filters of a breaker that is split by keys to the same of one that is not, with messages of all keys in turn. The two take turns, and
/// each pair of pipes is made anew, because where objects lie in memory matters as much.
/// </summary>
static class KeyPairs
{
    const int Pairs = 20;
    const int Messages = 30_000;

    // So that the bus need not hold 10,000 messages at once, each is sent under several names.
    const int Deliveries = 500;

    public static string Measure(int[] counts, int pipelines) => Table.Write(
        "A message",
        $"What a message costs more than with a breaker that is not split: so many keys in turn, a consumer that completes at once, {pipelines} pairs of pipes of which each runs {Pairs} times, the run that was disturbed least. Of many keys in turn none is in the processor's cache. Target: at most 60 ns, and nothing more allocated.",
        ["keys", "median, ns", "lowest", "highest", "bytes"],
        [.. counts.Select(keys => Row(keys, pipelines))]);

    static string[] Row(int keys, int pipelines)
    {
        var passes = Messages / keys;
        var names = Enumerable.Range(0, keys).Select(number => string.Create(CultureInfo.InvariantCulture, $"customer-{number:000000}")).ToArray();
        using var deliveries = new Deliveries(Deliveries);
        var next = 0;
        var differences = new List<double>();
        var allocated = 0.0;
        for (var made = 0; made < pipelines; made++)
        {
            var whole = Pipes.MessagingBreakerInHost(() => Task.CompletedTask);
            var split = Pipes.MessagingBreakerInHost(() => Task.CompletedTask, options => options.PartitionBy<Ping>(_ => names[next]));
            Time(whole, deliveries.Contexts, keys, passes, ref next);
            Time(split, deliveries.Contexts, keys, passes, ref next);
            var (fastestWhole, fastestSplit) = (double.MaxValue, double.MaxValue);
            for (var pair = 0; pair < Pairs; pair++)
            {
                var one = Time(whole, deliveries.Contexts, keys, passes, ref next);
                var other = Time(split, deliveries.Contexts, keys, passes, ref next);
                (fastestWhole, fastestSplit) = (Math.Min(fastestWhole, one.Nanoseconds), Math.Min(fastestSplit, other.Nanoseconds));
                allocated = other.Bytes - one.Bytes;
            }

            differences.Add(fastestSplit - fastestWhole);
        }

        differences.Sort();
        return [keys.ToString("N0", CultureInfo.InvariantCulture), At(differences, 0.5), At(differences, 0), At(differences, 1), Table.Number(Math.Round(allocated, 1), 1)];
    }

    static string At(List<double> sorted, double share) => Table.Number(sorted[(int)(share * (sorted.Count - 1))], 0);

    static (double Nanoseconds, double Bytes) Time(IPipe<ConsumeContext> pipe, ConsumeContext<Ping>[] messages, int keys, int passes, ref int next)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        for (var pass = 0; pass < passes; pass++)
            for (next = 0; next < keys; next++)
                pipe.Send(messages[next % messages.Length]).GetAwaiter().GetResult();
        var elapsed = Stopwatch.GetElapsedTime(started).TotalNanoseconds;
        next = 0;
        return (elapsed / (passes * keys), (GC.GetAllocatedBytesForCurrentThread() - bytes) / (double)(passes * keys));
    }
}
