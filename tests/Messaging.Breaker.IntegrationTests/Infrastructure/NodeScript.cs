using System.Diagnostics;
using System.Globalization;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>A script that starts, crashes and removes an installed service, and the directory with all files of that service.</summary>
sealed class NodeScript(string name, string directory)
{
    readonly string _path = Path.Combine(AppContext.BaseDirectory, name);

    public static NodeScript InNewDirectory(string name) => new(name, Directory.CreateTempSubdirectory("messaging-breaker-").FullName);

    /// <summary>Starts the service. It ends with this process.</summary>
    public Task<string> StartAsync(params string[] arguments) =>
        RunAsync("start", [Environment.ProcessId.ToString(CultureInfo.InvariantCulture), .. arguments]);

    /// <returns>What the script printed.</returns>
    /// <exception cref="InvalidOperationException">The script failed; the message contains its output.</exception>
    public async Task<string> RunAsync(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [_path, command, directory, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{name} {command}' ended with {process.ExitCode}: {error}");
        return await output;
    }
}
