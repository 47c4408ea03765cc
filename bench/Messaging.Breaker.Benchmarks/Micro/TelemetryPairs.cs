using System.Diagnostics;
using MassTransit;

namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>
/// Compares our filters with all telemetry registered and no listener to the same without. Two separate benchmarks differ by more than the two per
/// cent at issue, so the two pipes take turns. Each pair of pipes is made anew, because where objects lie in memory matters as much.
/// </summary>
static class TelemetryPairs
{
    const int Pipelines = 15;
    const int Pairs = 40;
    const int Messages = 20_000;

    /// <summary>How many pairs are measured.</summary>
    public const int Count = Pipelines * Pairs;

    /// <summary>The median of all ratios.</summary>
    public static double Measure()
    {
        using var deliveries = new Deliveries(1);
        var message = deliveries.Contexts[0];
        var ratios = new List<double>();
        for (var made = 0; made < Pipelines; made++)
        {
            var without = Pipes.MessagingBreaker(() => Task.CompletedTask);
            var with = Pipes.MessagingBreakerInHost(() => Task.CompletedTask);
            Time(without, message);
            Time(with, message);
            for (var pair = 0; pair < Pairs; pair++)
            {
                var (first, second) = pair % 2 == 0 ? (without, with) : (with, without);
                var (one, other) = (Time(first, message), Time(second, message));
                ratios.Add(pair % 2 == 0 ? other / one : one / other);
            }
        }

        ratios.Sort();
        return ratios[ratios.Count / 2];
    }

    static double Time(IPipe<ConsumeContext> pipe, ConsumeContext message)
    {
        var started = Stopwatch.GetTimestamp();
        for (var sent = 0; sent < Messages; sent++)
            pipe.Send(message).GetAwaiter().GetResult();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
