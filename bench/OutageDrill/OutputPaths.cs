namespace OutageDrill;

/// <summary>Where a drill writes: a whole one to what is committed, a quick one beside the build's output.</summary>
sealed class OutputPaths
{
    readonly string _results;
    readonly string _images;

    public OutputPaths(bool isQuick)
    {
        var root = FindRoot();
        var artifacts = Path.Combine(root, "artifacts", "outage-drill");
        (_results, _images) = isQuick
            ? (artifacts, artifacts)
            : (Path.Combine(root, "bench", "results"), Path.Combine(root, "docs", "images"));
        Logs = Path.Combine(artifacts, "logs");
        Record = Path.Combine(artifacts, isQuick ? "quick.json" : "full.json");
        foreach (var directory in new[] { _results, _images, Logs })
            Directory.CreateDirectory(directory);
    }

    public string Logs { get; }

    /// <summary>The figures of the last drill of its kind, for drawing them again.</summary>
    public string Record { get; }

    public string Report => Path.Combine(_results, "outage-drill.md");

    public string Panels => Path.Combine(_images, "outage-drill.png");

    public string Hero => Path.Combine(_images, "outage.png");

    static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Messaging.sln")))
                return directory.FullName;
        }

        return Environment.CurrentDirectory;
    }
}
