namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>The repository that the tests were built in. A caller's file path does not lead there: a deterministic build maps it.</summary>
static class Repository
{
    public static string Root
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(directory.FullName, "Messaging.sln")))
                directory = directory.Parent ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
            return directory.FullName;
        }
    }
}
