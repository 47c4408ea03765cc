namespace Messaging.Breaker.Benchmarks.Results;

static class Repository
{
    static string Root { get; } = FindRoot();

    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>Writes a Markdown file under bench/results, which is committed.</summary>
    public static async Task WriteResultAsync(string name, string text)
    {
        var path = PathOf("bench", "results", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text.TrimEnd() + "\n");
        Console.WriteLine($"{text}\nWritten to {path}");
    }

    static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "Messaging.sln")))
                return directory.FullName;
        throw new DirectoryNotFoundException($"Messaging.sln is not above {AppContext.BaseDirectory}; run the benchmarks from the repository.");
    }
}
