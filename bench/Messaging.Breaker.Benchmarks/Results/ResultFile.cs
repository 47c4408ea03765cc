using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.Benchmarks.Results;

static class ResultFile
{
    /// <summary>Writes a Markdown file under bench/results, which is committed.</summary>
    public static async Task WriteAsync(string name, string text)
    {
        var path = Path.Combine(Repository.Root, "bench", "results", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text.TrimEnd() + "\n");
        Console.WriteLine($"{text}\nWritten to {path}");
    }
}
