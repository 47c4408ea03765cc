using System.Diagnostics;

namespace OutageDrill.Workers;

/// <summary>One instance of the worker: a process of its own, so that its CPU time and its log are its own.</summary>
sealed class WorkerProcess : IAsyncDisposable
{
    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    readonly Process _process;
    readonly LogMeter _log;
    readonly Task _reading;

    WorkerProcess(Process process, LogMeter log)
    {
        (_process, _log) = (process, log);
        _reading = log.ReadAsync(process.StandardOutput.BaseStream, process.StandardError.BaseStream);
        Exited = process.WaitForExitAsync();
    }

    public Task Exited { get; }

    public Expense Expense
    {
        get
        {
            _process.Refresh();
            var (lines, bytes) = _log.Volume;
            return new Expense(lines, bytes, _process.TotalProcessorTime.TotalSeconds);
        }
    }

    public static WorkerProcess Start(WorkerSettings settings, string log)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet")
            start.ArgumentList.Add(typeof(WorkerProcess).Assembly.Location);
        start.Environment[WorkerSettings.Variable] = settings.ToJson();
        return new WorkerProcess(Process.Start(start)!, new LogMeter(log));
    }

    /// <summary>It has been asked to stop; one that does not is killed.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Exited.WaitAsync(StopTimeout);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            await Exited;
        }

        await _reading;
        _process.Dispose();
    }
}
