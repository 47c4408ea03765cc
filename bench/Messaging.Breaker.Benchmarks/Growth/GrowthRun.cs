using Messaging.Breaker.Benchmarks.Results;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>Measures what breakers cost a whole worker on a real broker.</summary>
static class GrowthRun
{
    public static async Task RunAsync(bool quick, string? address)
    {
        var machine = ReportHeader.Write($"dotnet run -c Release --project bench/Messaging.Breaker.Benchmarks -- growth{(quick ? " --quick" : "")}");
        await using var broker = await Broker.ConnectAsync(address);
        var report = $"# What a worker costs\n\n{machine}\n\nRabbitMQ {broker.Version}, classic queues, in the same machine as the worker.\n\n";
        report += await new Throughput(broker, quick).MeasureAsync();
        report += await new MemoryUse(broker, quick).MeasureAsync();
        report += await new Pausing(broker, quick).MeasureAsync();
        report += await new Stopping(broker, quick).MeasureAsync();
        await ResultFile.WriteAsync(quick ? "growth-quick.md" : "growth.md", report);
    }
}
