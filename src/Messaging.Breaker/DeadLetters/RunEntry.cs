namespace Messaging.Breaker.DeadLetters;

/// <summary>A ledger entry while its run is in progress. Thread-safe.</summary>
sealed class RunEntry(DeadLetterRun begun, TimeProvider time, IProgress<DeadLetterRun>? progress, CancellationTokenSource end)
{
    const int MostProblems = 20;

    readonly Lock _lock = new();
    readonly Dictionary<string, long> _problems = [];
    DeadLetterRun _run = begun;

    public Guid Id { get; } = begun.Id;

    public DeadLetterRun Run
    {
        get
        {
            lock (_lock)
                return _run;
        }
    }

    public void Cancel()
    {
        try
        {
            end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended.
        }
    }

    public void Change(Func<DeadLetterRun, DeadLetterRun> change)
    {
        DeadLetterRun run;
        lock (_lock)
        {
            run = _run.Ended is null ? change(_run) : _run;
            if (run == _run)
                return;
            _run = run;
        }

        progress?.Report(run);
    }

    /// <summary>It waits.</summary>
    /// <returns>False if it was already waiting.</returns>
    public bool Pause(string detail, bool counts)
    {
        var begins = Run.State != DeadLetterRunState.Paused;
        Change(run => run with { State = DeadLetterRunState.Paused, Detail = detail, Pauses = run.Pauses + (begins && counts ? 1 : 0) });
        return begins;
    }

    /// <returns>False if it was not waiting.</returns>
    public bool GoOn()
    {
        var waited = Run.State == DeadLetterRunState.Paused;
        if (waited)
            Change(run => run with { State = DeadLetterRunState.Running, Detail = "" });
        return waited;
    }

    /// <summary>A message stays where it is.</summary>
    public void Leave(string problem)
    {
        lock (_lock)
        {
            if (!_problems.ContainsKey(problem) && _problems.Count >= MostProblems)
                return;
            _problems[problem] = _problems.GetValueOrDefault(problem) + 1;
        }

        Change(run => run with { Problems = Describe() });
    }

    /// <summary>All messages are read again.</summary>
    public void Restart()
    {
        lock (_lock)
            _problems.Clear();
        Change(run => run with { Read = 0, Problems = [] });
    }

    public DeadLetterRun End(DeadLetterRunState state, string detail)
    {
        Change(run => run with { State = state, Detail = detail, Ended = time.GetUtcNow() });
        return Run;
    }

    List<string> Describe()
    {
        lock (_lock)
            return [.. _problems.Select(problem => problem.Value == 1 ? $"1 message stays: {problem.Key}" : $"{problem.Value:#,0} messages stay: {problem.Key}")];
    }
}
