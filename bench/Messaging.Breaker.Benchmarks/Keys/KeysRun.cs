using Messaging.Breaker.Benchmarks.Results;

namespace Messaging.Breaker.Benchmarks.Keys;

/// <summary>What a breaker costs that is split by 10,000 keys, of which none fails, beside the same breaker that is not.</summary>
static class KeysRun
{
    const int Keys = 10_000;

    public static async Task RunAsync(bool quick, string? redis)
    {
        var machine = Machine.Describe($"dotnet run -c Release --project bench/Messaging.Breaker.Benchmarks -- keys{(quick ? " --quick" : "")}{(redis is null ? "" : $" --redis HOST:PORT")}");
        var report = $"# What keys cost\n\n{machine}\n\n";
        report += KeyMemory.Measure([100, 1_000, Keys]);
        report += KeyPairs.Measure(Keys, pipelines: quick ? 3 : 15);
        if (redis is not null)
            report += await KeyStore.MeasureAsync(redis, Keys, TimeSpan.FromSeconds(quick ? 10 : 60));
        await Repository.WriteResultAsync(quick ? "keys-quick.md" : "keys.md", report);
    }
}
