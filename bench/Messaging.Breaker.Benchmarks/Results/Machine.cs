using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Messaging.Breaker.Benchmarks.Results;

/// <summary>Where the figures come from.</summary>
static class Machine
{
    public static string Describe(string command) => string.Create(CultureInfo.InvariantCulture, $"""
        | | |
        |---|---|
        | command | `{command}` |
        | processor | {Processor()}, {Environment.ProcessorCount} cores |
        | system | {RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.OSArchitecture} |
        | runtime | {RuntimeInformation.FrameworkDescription} |
        | packages | MassTransit {Version(typeof(MassTransit.IBus))}, Polly.Core {Version(typeof(Polly.ResiliencePipeline))}, RabbitMQ.Client {Version(typeof(RabbitMQ.Client.IConnection))}, BenchmarkDotNet {Version(typeof(BenchmarkDotNet.Running.BenchmarkRunner))} |
        | load before the run | {Load()} |
        """);

    static string Version(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    static string Processor() => Read("/proc/cpuinfo")?.Split('\n').FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
        ?.Split(':')[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>Figures of a busy machine are worth little; whoever reads them should know.</summary>
    static string Load() => Read("/proc/loadavg") is { } load ? $"{load.Split(' ')[0]} (average of a minute)" : "unknown";

    static string? Read(string file) => File.Exists(file) ? File.ReadAllText(file) : null;
}
