namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>The repository of this build. A caller's file path does not lead there, because a deterministic build maps it.</summary>
static class Repository
{
    public static string Root => FindRoot() ?? throw new DirectoryNotFoundException($"Messaging.sln is not above {AppContext.BaseDirectory}.");

    /// <summary>The root of the repository; null outside it.</summary>
    public static string? FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Messaging.sln")))
            directory = directory.Parent;
        return directory?.FullName;
    }
}
