namespace Messaging.Breaker.DeadLetters;

/// <summary>The runs of this instance, finished and in progress. Thread-safe.</summary>
sealed class RunLedger
{
    const int MostEntries = 200;

    readonly Lock _lock = new();
    readonly LinkedList<RunEntry> _entries = [];

    public IReadOnlyList<DeadLetterRun> Runs
    {
        get
        {
            lock (_lock)
                return [.. _entries.Select(entry => entry.Run)];
        }
    }

    public void Add(RunEntry entry)
    {
        lock (_lock)
        {
            _entries.AddFirst(entry);
            for (var oldest = _entries.Last; oldest is not null && _entries.Count > MostEntries;)
            {
                var next = oldest.Previous;
                if (oldest.Value.Run.Ended is not null)
                    _entries.Remove(oldest);
                oldest = next;
            }
        }
    }

    /// <returns>The entry of a run in progress; null if there is none.</returns>
    public RunEntry? Find(Guid run)
    {
        lock (_lock)
            return _entries.FirstOrDefault(entry => entry.Id == run && entry.Run.Ended is null);
    }
}
