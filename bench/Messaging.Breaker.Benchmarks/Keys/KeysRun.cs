using Messaging.Breaker.Benchmarks.Results;

namespace Messaging.Breaker.Benchmarks.Keys;

/// <summary>Compares the cost of a breaker that is split by 10,000 keys, none of which fails, with the same breaker that is not split.</summary>
static class KeysRun
{
    const int Keys = 10_000;

    public static async Task RunAsync(bool quick, string? redis)
    {
        var machine = ReportHeader.Write($"dotnet run -c Release --project bench/Messaging.Breaker.Benchmarks -- keys{(quick ? " --quick" : "")}{(redis is null ? "" : $" --redis HOST:PORT")}");
        var report = $"# What keys cost\n\n{machine}\n\n";
        report += KeyMemory.Measure([100, 1_000, Keys]);
        report += KeyPairs.Measure([10, 100, 1_000, Keys], pipelines: quick ? 3 : 15);
        if (redis is not null)
            report += await KeyStore.MeasureAsync(redis, Keys, TimeSpan.FromSeconds(quick ? 10 : 60));
        await ResultFile.WriteAsync(quick ? "keys-quick.md" : "keys.md", report);
    }
}
