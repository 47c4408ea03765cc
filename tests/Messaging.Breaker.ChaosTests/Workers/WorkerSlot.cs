using System.Diagnostics;
using System.Globalization;
using SampleWorkers.CommandLine;

namespace Messaging.Breaker.ChaosTests.Workers;

/// <summary>The place of one worker. Whenever the worker ends, for any reason, a new one is started, as by an orchestrator.</summary>
sealed class WorkerSlot : IAsyncDisposable
{
    const int EndedBySignal = 128 + 15;

    static readonly TimeSpan RestartDelay = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(30);

    readonly Lock _lock = new();
    readonly IReadOnlyList<string> _arguments;
    readonly string _logs;
    readonly Action _starting;
    readonly Action<string> _note;
    readonly CancellationTokenSource _closing = new();
    readonly List<string> _problems = [];
    readonly Task _supervision;
    WorkerProcess? _worker;
    int _starts;
    bool _isKilled;
    bool _isStopped;

    /// <param name="starting">Called before each process starts.</param>
    public WorkerSlot(string name, IReadOnlyList<string> arguments, string logs, Action starting, Action<string> note)
    {
        (Name, _arguments, _logs, _starting, _note) = (name, arguments, logs, starting, note);
        _supervision = SuperviseAsync();
    }

    public string Name { get; }

    /// <summary>Things that no worker should do: end by itself, or not end when asked to.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>How often the breakers of this place's workers tripped. Without a trip, nothing was tested.</summary>
    public int Trips { get; private set; }

    /// <summary>Whether the worker runs and reports its transitions.</summary>
    public bool HasStarted
    {
        get
        {
            lock (_lock)
                return _worker is { HasStarted: true, Exited.IsCompleted: false };
        }
    }

    /// <inheritdoc cref="WorkerProcess.Page"/>
    public Uri? Page
    {
        get
        {
            lock (_lock)
                return _worker is { HasStarted: true, Exited.IsCompleted: false } worker ? worker.Page : null;
        }
    }

    /// <inheritdoc cref="WorkerProcess.StoreLosses"/>
    public int StoreLosses
    {
        get
        {
            lock (_lock)
                return _worker?.StoreLosses ?? 0;
        }
    }

    /// <summary>Kills the worker. Returns false if it is just being restarted.</summary>
    public bool TryKill()
    {
        lock (_lock)
        {
            if (_worker is null or { Exited.IsCompleted: true })
                return false;
            _isKilled = true;
            _worker.Kill();
            return true;
        }
    }

    /// <summary>Stops the worker. Returns false if it is just starting or stopping: a second signal near its end would kill it.</summary>
    public async Task<bool> TryStopAsync()
    {
        WorkerProcess worker;
        lock (_lock)
        {
            if (_isStopped || _worker is null or { Exited.IsCompleted: true })
                return false;
            _isStopped = true;
            worker = _worker;
            worker.Stop();
        }

        var asked = Stopwatch.GetTimestamp();
        await Task.WhenAny(worker.Exited, Task.Delay(LongestStop));
        if (worker.Exited.IsCompleted)
        {
            _note($"worker {Name} has stopped after {Stopwatch.GetElapsedTime(asked).TotalSeconds:0.0} s");
            return true;
        }

        // If its start is cancelled, MassTransit waits for ever for an endpoint stopped before it was ready. An orchestrator kills it.
        if (worker.HasStarted)
            _problems.Add($"worker {Name} did not stop within {LongestStop.TotalSeconds:0} s");
        else
            _note($"worker {Name} was stopped while it started, hung, and is killed");
        TryKill();
        return true;
    }

    /// <summary>Stops the worker for good.</summary>
    public async Task CloseAsync()
    {
        await _closing.CancelAsync();
        await TryStopAsync();
        await _supervision;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        TryKill();
        await _supervision;
        _closing.Dispose();
    }

    async Task SuperviseAsync()
    {
        while (TryStart() is { } worker)
        {
            await worker.Exited;
            lock (_lock)
            {
                _worker = null;
                Trips += worker.Trips;
                Judge(worker);
            }

            worker.Dispose();
            await Task.Delay(RestartDelay, _closing.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Uses the lock, so that closing the place either stops the worker or prevents its start.</summary>
    WorkerProcess? TryStart()
    {
        lock (_lock)
        {
            (_isKilled, _isStopped) = (false, false);
            _starting();
            return _worker = _closing.IsCancellationRequested ? null : WorkerProcess.Start(_arguments, NextLog());
        }
    }

    string NextLog() => Path.Combine(_logs, string.Create(CultureInfo.InvariantCulture, $"worker-{Name}.{++_starts}.log"));

    void Judge(WorkerProcess worker)
    {
        var code = worker.Exited.Result;
        var isInOrder = _isKilled
            || (_isStopped && (code is ExitCode.Success || (code is ExitCode.Failure or EndedBySignal && !worker.HasStarted)));
        // A worker without a broker says so and ends.
        if (!isInOrder && code is not ExitCode.Unreachable)
            _problems.Add($"worker {Name} ended with exit code {code}{(_isStopped ? " when it was asked to stop" : " by itself")}");
    }
}
