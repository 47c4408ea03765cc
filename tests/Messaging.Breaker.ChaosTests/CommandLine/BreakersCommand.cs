using System.Diagnostics;

namespace Messaging.Breaker.ChaosTests.CommandLine;

/// <summary>Runs the command "breakers" in a process of its own, as a user would.</summary>
static class BreakersCommand
{
    /// <summary>The command's files are in this directory, except for those that the tests get from ASP.NET Core.</summary>
    static readonly string[] Command = ["exec", "--runtimeconfig", Here(".runtimeconfig.json"), "--depsfile", Here(".deps.json"), Path.Combine(AppContext.BaseDirectory, "breakers.dll")];

    /// <exception cref="Xunit.Sdk.XunitException">Its exit code is not 0.</exception>
    public static async Task<Done> RunAsync(params IEnumerable<string> arguments)
    {
        var began = Stopwatch.GetTimestamp();
        using var command = Process.Start(new ProcessStartInfo("dotnet", [.. Command, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (command.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), command.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await command.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (command.ExitCode, await error));
        return new Done(await output, Stopwatch.GetElapsedTime(began));
    }

    static string Here(string end) => Path.Combine(AppContext.BaseDirectory, $"{typeof(BreakersCommand).Assembly.GetName().Name}{end}");

    public sealed record Done(string Output, TimeSpan Took);
}
