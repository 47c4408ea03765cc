using System.Diagnostics;

namespace Messaging.Breaker.IntegrationTests.Transports;

/// <summary>A <see cref="DoomedWorker"/> in its own process.</summary>
sealed class DoomedProcess : IDisposable
{
    static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90);

    readonly Process _process;
    readonly Task<string> _errors;

    DoomedProcess(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    public static DoomedProcess Start(IEnumerable<string> arguments) => new(Process.Start(
        new ProcessStartInfo("dotnet", [typeof(DoomedProcess).Assembly.Location, DoomedWorker.Command, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    public async Task ReachedAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(LongestStart);
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            if (line == DoomedWorker.Reached)
                return;
        Assert.Fail($"The process ended before it reached its moment: {await _errors}");
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
