using System.Globalization;
using System.Runtime.InteropServices;
using Messaging.Breaker.Bench;

namespace OutageDrill.Reports;

/// <summary>The machine and the versions that the drill was run with.</summary>
static class Setup
{
    public static string DescribeMachine()
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        var load = Machine.Load is { } average ? $"; load average before the first run {average}" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Machine.Processor}, {Environment.ProcessorCount} cores, {memory:0} GB, {RuntimeInformation.OSDescription}{load}");
    }

    public static string DescribeVersions(string broker) =>
        $"{broker}, {RuntimeInformation.FrameworkDescription}, MassTransit {Machine.VersionOf(typeof(MassTransit.IBus))}, "
        + $"Wolverine {Machine.VersionOf(typeof(Wolverine.IMessageBus))}, Messaging.Breaker {Machine.VersionOf(typeof(Messaging.Breaker.IBreaker))}";
}
