using System.Diagnostics;
using System.Globalization;

namespace Messaging.Breaker.ChaosTests.Workers;

/// <summary>One worker of the sample: a process of its own.</summary>
sealed class WorkerProcess : IDisposable
{
    // The worker writes its log itself, and goes when the tests do, however they end.
    const string Script = """
        owner=$1 log=$2
        shift 2
        (while kill -0 $$ && kill -0 "$owner"; do sleep 1; done; kill -KILL $$) > /dev/null 2>&1 &
        exec "$@" > "$log" 2>&1
        """;

    readonly Process _process;
    readonly string _log;

    WorkerProcess(Process process, string log)
    {
        (_process, _log) = (process, log);
        Exited = WaitAsync();
    }

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exited { get; }

    /// <summary>Its bus has started, and it listens to signals.</summary>
    public bool HasStarted => CountInLog("Application started") > 0;

    /// <summary>How often its payments breaker tripped.</summary>
    public int Trips => CountInLog("payments: Closed -> Open");

    public static WorkerProcess Start(IEnumerable<string> arguments, string log)
    {
        string[] worker = ["dotnet", Path.Combine(AppContext.BaseDirectory, "SampleWorkers.dll"), "worker", .. arguments];
        var owner = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("bash", ["-c", Script, "worker", owner, log, .. worker]);
        start.Environment["Logging__Console__FormatterName"] = "simple";
        start.Environment["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ";
        start.Environment["Logging__Console__FormatterOptions__SingleLine"] = "true";
        return new WorkerProcess(Process.Start(start)!, log);
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGTERM: the worker is asked to end in order.</summary>
    public void Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose() => _process.Dispose();

    int CountInLog(string words) =>
        File.Exists(_log) ? File.ReadLines(_log).Count(line => line.Contains(words, StringComparison.Ordinal)) : 0;

    async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }
}
