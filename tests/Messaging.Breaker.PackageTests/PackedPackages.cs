using System.Diagnostics;
using System.Globalization;

namespace Messaging.Breaker.PackageTests;

/// <summary>The packages as they would be published, in a folder outside of the repository that goes with the tests.</summary>
public sealed class PackedPackages : IAsyncLifetime
{
    readonly string _root = Directory.CreateTempSubdirectory("breaker-packages-").FullName;

    public string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.0.{Environment.TickCount & int.MaxValue}-test");

    public string Packages => Path.Combine(_root, "packages");

    static string Repository
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(directory.FullName, "Messaging.sln")))
                directory = directory.Parent ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
            return directory.FullName;
        }
    }

    public async ValueTask InitializeAsync()
    {
        foreach (var project in Directory.EnumerateFiles(Path.Combine(Repository, "src"), "Messaging.Breaker*.csproj", SearchOption.AllDirectories))
            await RunAsync(Repository, "pack", project, "--configuration", "Release", "--no-build", "--output", Packages, $"--property:Version={Version}");
    }

    /// <summary>Builds the worker from the packages, and from nothing of the repository.</summary>
    /// <returns>The worker's assembly.</returns>
    public async Task<string> BuildWorkerAsync()
    {
        var worker = Directory.CreateDirectory(Path.Combine(_root, "worker")).FullName;
        foreach (var code in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Worker"), "*.cs"))
            File.Copy(code, Path.Combine(worker, Path.GetFileName(code)));
        var project = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Worker", "Worker.csproj.template"));
        await File.WriteAllTextAsync(Path.Combine(worker, "Worker.csproj"), project.Replace("$(BreakerVersion)", Version, StringComparison.Ordinal));
        await RunAsync(worker, "new", "nugetconfig");
        await RunAsync(worker, "nuget", "add", "source", Packages, "--name", "packed");
        await RunAsync(worker, "build", "--configuration", "Release", "--output", Path.Combine(worker, "out"));
        return Path.Combine(worker, "out", "Worker.dll");
    }

    public Task<string> RunWorkerAsync(string assembly, Uri broker) => RunAsync(_root, assembly, broker.ToString());

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    async Task<string> RunAsync(string directory, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        // What others have downloaded serves, but these packages of a version that never was do not stay among it.
        start.Environment["NUGET_FALLBACK_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_root, "cache");
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"dotnet {arguments[0]} ended with {process.ExitCode}:\n{output}\n{await errors}");
    }
}
