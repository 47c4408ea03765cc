using System.Reflection;
using System.Runtime.InteropServices;

namespace Messaging.Breaker.Bench;

/// <summary>The machine and the package versions of a measurement.</summary>
static class Machine
{
    const string Model = "model name";

    public static string Processor =>
        Read("/proc/cpuinfo")?.Split('\n').FirstOrDefault(line => line.StartsWith(Model, StringComparison.Ordinal)) is { } line
            ? line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            : RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>
    /// The load average of the last minute; null if it is not known. Readers should know it, because figures of a busy machine are worth little.
    /// </summary>
    public static string? Load => Read("/proc/loadavg")?.Split(' ')[0];

    /// <summary>The version of the package that has this type.</summary>
    public static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    static string? Read(string file) => File.Exists(file) ? File.ReadAllText(file) : null;
}
