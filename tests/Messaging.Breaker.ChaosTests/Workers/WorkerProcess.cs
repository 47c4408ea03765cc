using System.Diagnostics;
using Messaging.Breaker.ChaosTests.Processes;

namespace Messaging.Breaker.ChaosTests.Workers;

/// <summary>One worker of the sample, in its own process.</summary>
sealed class WorkerProcess : IDisposable
{
    static readonly Dictionary<string, string> Logging = new()
    {
        ["Logging__Console__FormatterName"] = "simple",
        ["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ",
        ["Logging__Console__FormatterOptions__SingleLine"] = "true",
    };

    const string Listening = "Now listening on: ";

    readonly Process _process;
    readonly string _log;

    WorkerProcess(Process process, string log)
    {
        (_process, _log) = (process, log);
        Exited = WaitAsync();
    }

    /// <summary>Completes with the exit code.</summary>
    public Task<int> Exited { get; }

    /// <summary>Whether its bus has started and it reacts to signals.</summary>
    public bool HasStarted => CountInLog("Application started") > 0;

    /// <summary>The address of its page; null until it listens.</summary>
    public Uri? Page => File.Exists(_log)
        && File.ReadLines(_log).Select(line => line.Split(Listening)).FirstOrDefault(parts => parts.Length > 1) is [_, var address] ? new Uri($"{address.Trim()}/breakers/") : null;

    /// <summary>How often its payments breaker has tripped.</summary>
    public int Trips => CountInLog("payments: Closed -> Open");

    /// <summary>How often its breakers continued alone because the fleet's store did not answer.</summary>
    public int StoreLosses => CountInLog("The fleet's store is out of reach");

    public static WorkerProcess Start(IEnumerable<string> arguments, string log)
    {
        string[] worker = ["dotnet", Path.Combine(AppContext.BaseDirectory, "SampleWorkers.dll"), "worker", .. arguments];
        return new WorkerProcess(OwnedProcess.Start(log, worker, Logging), log);
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>SIGTERM: asks the worker to shut down.</summary>
    public void Stop() => _process.Send("TERM");

    public void Dispose() => _process.Dispose();

    int CountInLog(string words) =>
        File.Exists(_log) ? File.ReadLines(_log).Count(line => line.Contains(words, StringComparison.Ordinal)) : 0;

    async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }
}
