using System.Globalization;
using System.Runtime.InteropServices;
using Messaging.Breaker.Bench;

namespace Messaging.Breaker.Benchmarks.Results;

/// <summary>Where the figures come from.</summary>
static class ReportHeader
{
    public static string Write(string command) => string.Create(CultureInfo.InvariantCulture, $"""
        | | |
        |---|---|
        | command | `{command}` |
        | processor | {Machine.Processor}, {Environment.ProcessorCount} cores |
        | system | {RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.OSArchitecture} |
        | runtime | {RuntimeInformation.FrameworkDescription} |
        | packages | MassTransit {Machine.VersionOf(typeof(MassTransit.IBus))}, Polly.Core {Machine.VersionOf(typeof(Polly.ResiliencePipeline))}, RabbitMQ.Client {Machine.VersionOf(typeof(RabbitMQ.Client.IConnection))}, BenchmarkDotNet {Machine.VersionOf(typeof(BenchmarkDotNet.Running.BenchmarkRunner))} |
        | load before the run | {(Machine.Load is { } load ? $"{load} (average of a minute)" : "unknown")} |
        """);
}
