using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace OutageDrill;

/// <summary>Where a drill writes: a full drill to committed files, a quick one to the build's output.</summary>
sealed class OutputPaths
{
    readonly string _results;
    readonly string _images;

    public OutputPaths(bool isQuick)
    {
        var root = Repository.FindRoot() ?? Environment.CurrentDirectory;
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

    /// <summary>The figures of the last drill of its kind, so that they can be drawn again.</summary>
    public string Record { get; }

    public string Report => Path.Combine(_results, "outage-drill.md");

    public string Panels => Path.Combine(_images, "outage-drill.png");

    public string Hero => Path.Combine(_images, "outage.png");
}
