using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace OutageDrill.Reports;

/// <summary>Where and with what the figures were taken.</summary>
static class Machine
{
    public static string Describe()
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{ReadProcessor()}, {Environment.ProcessorCount} cores, {memory:0} GB, {RuntimeInformation.OSDescription}{ReadLoad()}");
    }

    public static string DescribeVersions(string broker) =>
        $"{broker}, {RuntimeInformation.FrameworkDescription}, MassTransit {VersionOf(typeof(MassTransit.IBus))}, "
        + $"Wolverine {VersionOf(typeof(Wolverine.IMessageBus))}, Messaging.Breaker {VersionOf(typeof(Messaging.Breaker.IBreaker))}";

    static string ReadProcessor()
    {
        const string Key = "model name";
        if (!OperatingSystem.IsLinux())
            return RuntimeInformation.ProcessArchitecture.ToString();
        var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    /// <summary>A reader should know whether the machine was busy with something else.</summary>
    static string ReadLoad() =>
        OperatingSystem.IsLinux() ? $"; load average before the first run {File.ReadAllText("/proc/loadavg").Split(' ')[0]}" : "";

    static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
