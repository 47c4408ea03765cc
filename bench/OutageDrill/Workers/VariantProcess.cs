using System.Diagnostics;

namespace OutageDrill.Workers;

/// <summary>One instance of a variant's worker, in its own process so that its CPU time and its log can be measured alone.</summary>
sealed class VariantProcess : IAsyncDisposable
{
    static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    readonly Process _process;
    readonly LogMeter _log;
    readonly Task _reading;

    VariantProcess(Process process, LogMeter log)
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

    public static VariantProcess Start(VariantSettings settings, string log)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet")
            start.ArgumentList.Add(typeof(VariantProcess).Assembly.Location);
        start.Environment[VariantSettings.Variable] = settings.ToJson();
        return new VariantProcess(Process.Start(start)!, new LogMeter(log));
    }

    /// <summary>The worker has been asked to stop. If it does not, it is killed.</summary>
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
