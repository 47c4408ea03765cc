using System.Diagnostics;
using System.Globalization;

namespace SampleWorkers.Drill.Workers;

/// <summary>
/// The worker role as a child process. It ends when its standard input does, so it does not outlive the drill, however the drill ends.
/// </summary>
sealed class WorkerChild : IDisposable
{
    static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
    static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(20);

    readonly string _name;
    readonly Process _process;
    readonly WorkerLog _log;
    readonly Task _reading;

    /// <param name="report">The address to which it posts the transitions of its breakers.</param>
    public WorkerChild(WorkerPlan plan, Uri report, FleetLog logs)
    {
        _name = plan.Name;
        _log = new WorkerLog(plan.Name, logs);
        _process = Process.Start(WorkerCommand.Describe(plan, report))!;
        _reading = Task.WhenAll(_log.ReadAsync(_process.StandardOutput), _log.ReadAsync(_process.StandardError));
    }

    /// <summary>What no worker should do: end by itself, or not end when asked to.</summary>
    public string? Problem { get; private set; }

    /// <exception cref="WorkerFailedException">It ended, or neither started nor ended within a minute.</exception>
    public async Task WaitUntilStartedAsync(CancellationToken cancellationToken)
    {
        var patience = Task.Delay(LongestStart, cancellationToken);
        if (await Task.WhenAny(_log.Started, _reading, patience) == _log.Started)
            return;
        cancellationToken.ThrowIfCancellationRequested();
        var what = _reading.IsCompleted ? "ended before it had started" : $"did not start within {LongestStart.TotalSeconds:0} s";
        throw new WorkerFailedException($"{_name} {what}: {_log.LastWarning ?? "it did not say why"}");
    }

    public async Task StopAsync()
    {
        if (_process.HasExited)
            Problem = string.Create(CultureInfo.InvariantCulture, $"{_name} ended by itself, with exit code {_process.ExitCode}");
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(LongestStop);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Problem = $"{_name} did not end within {LongestStop.TotalSeconds:0} s and was killed";
            _process.Kill();
        }

        await _reading;
    }

    public void Dispose() => _process.Dispose();
}
