using System.Diagnostics;
using System.Globalization;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.PackageTests;

[assembly: AssemblyFixture(typeof(PackedPackages))]

namespace Messaging.Breaker.PackageTests;

/// <summary>The packages as they would be published, in a folder outside the repository that is deleted after the tests.</summary>
public sealed class PackedPackages : IAsyncLifetime
{
    readonly string _root = Directory.CreateTempSubdirectory("breaker-packages-").FullName;

    public string Version { get; } = string.Create(CultureInfo.InvariantCulture, $"0.0.{Environment.TickCount & int.MaxValue}-test");

    public string Packages => Path.Combine(_root, "packages");

    public string IdOf(string package) => Path.GetFileName(package).Replace($".{Version}.nupkg", "", StringComparison.Ordinal);

    public async ValueTask InitializeAsync() => await RunAsync(
        Repository.Root, "pack", "Messaging.sln", "--configuration", "Release", "--no-build", $"--property:PackageOutputPath={Packages}", $"--property:Version={Version}");

    /// <summary>
    /// Builds the worker from the packages alone, without the repository. A warning from the restore or the compiler fails the build.
    /// </summary>
    /// <param name="name">Tells it apart from the other workers.</param>
    /// <param name="references">What else it references: packages and their versions.</param>
    /// <returns>The folder with the worker and everything that it needs.</returns>
    public async Task<string> BuildWorkerAsync(string name, params (string Package, string Version)[] references)
    {
        var worker = Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        foreach (var code in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Worker"), "*.cs"))
            File.Copy(code, Path.Combine(worker, Path.GetFileName(code)));
        var project = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Worker", "Worker.csproj.template"));
        await File.WriteAllTextAsync(Path.Combine(worker, "Worker.csproj"), project
            .Replace("$(BreakerVersion)", Version, StringComparison.Ordinal)
            .Replace("$(References)", string.Concat(references.Select(reference =>
                $"<PackageReference Include=\"{reference.Package}\" Version=\"{reference.Version}\" />")), StringComparison.Ordinal));
        await RunAsync(worker, "new", "nugetconfig");
        await RunAsync(worker, "nuget", "add", "source", Packages, "--name", "packed");
        await RunAsync(worker, "build", "--configuration", "Release", "--output", Path.Combine(worker, "out"));
        return Path.Combine(worker, "out");
    }

    /// <summary>
    /// Creates a project from the template, builds it and runs its own tests. It uses the packages alone, without the repository.
    /// </summary>
    /// <param name="name">The project's name.</param>
    /// <returns>The project's folder.</returns>
    public async Task<string> BuildTemplateAsync(string name)
    {
        var (folder, hive) = (Path.Combine(_root, name), Path.Combine(_root, "hive"));
        await RunAsync(_root, "new", "install", Path.Combine(Packages, $"Messaging.Breaker.Templates.{Version}.nupkg"), "--debug:custom-hive", hive);
        await RunAsync(_root, "new", "breaker-worker", "--name", name, "--output", folder, "--debug:custom-hive", hive);
        await RunAsync(folder, "new", "nugetconfig");
        await RunAsync(folder, "nuget", "add", "source", Packages, "--name", "packed");
        await RunAsync(folder, "build", "--configuration", "Release");
        await RunAsync(folder, "test", "--configuration", "Release", "--no-build");
        return folder;
    }

    /// <summary>Installs the tool from its package.</summary>
    /// <returns>The path of the command.</returns>
    public async Task<string> InstallToolAsync()
    {
        var folder = Path.Combine(_root, "tools");
        await RunAsync(_root, "tool", "install", "Messaging.Breaker.Cli", "--version", Version, "--tool-path", folder, "--add-source", Packages);
        return Path.Combine(folder, "breakers");
    }

    public Task<string> RunToolAsync(string tool, params string[] arguments) => RunAsync(tool, _root, null, arguments);

    /// <summary>Starts a process with the downloaded packages. The caller ends it.</summary>
    public Process Start(string directory, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Process.Start(StartOf("dotnet", directory, environment, arguments))!;

    /// <exception cref="InvalidOperationException">The worker failed; the message contains all its output.</exception>
    public Task<string> RunWorkerAsync(string folder, Uri broker) => RunAsync(_root, Path.Combine(folder, "Worker.dll"), broker.ToString());

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    Task<string> RunAsync(string directory, params string[] arguments) => RunAsync("dotnet", directory, null, arguments);

    async Task<string> RunAsync(string program, string directory, IReadOnlyDictionary<string, string>? environment, params string[] arguments)
    {
        using var process = Process.Start(StartOf(program, directory, environment, arguments))!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {arguments[0]} ended with {process.ExitCode}:\n{output}\n{await errors}");
    }

    ProcessStartInfo StartOf(string program, string directory, IReadOnlyDictionary<string, string>? environment, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        // Packages already in the machine's cache are used, but our own test packages are kept out of it.
        start.Environment["NUGET_FALLBACK_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        start.Environment["NUGET_PACKAGES"] = Path.Combine(_root, "cache");
        // The tests of MassTransit 9 cover what needs no licence, even on a machine that has one.
        start.Environment.Remove("MT_LICENSE");
        start.Environment.Remove("MT_LICENSE_PATH");
        return start;
    }
}
