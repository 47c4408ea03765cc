using System.Diagnostics;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>The scripts that start, crash and remove installed services.</summary>
static class NodeScript
{
    /// <returns>What the script printed.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message is what it said.</exception>
    public static async Task<string> RunAsync(string script, string command, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [script, command, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"'{Path.GetFileName(script)} {command}' ended with {process.ExitCode}: {error}");
        return await output;
    }
}
