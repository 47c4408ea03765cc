namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// The clerk's book: what the fleet knows, and the rules by which a command changes it. Pure: no I/O, and one command at a time.
/// </summary>
sealed class Ledger(TimeProvider time)
{
    readonly long _openedAt = time.GetTimestamp();
    readonly Dictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, Entry<Announce>> _members = new(StringComparer.Ordinal);
    readonly List<SharedBreakerState> _changes = [];
    long _revision;

    /// <summary>It holds something that the next clerk must know and that has not been written yet.</summary>
    public bool IsDirty { get; private set; }

    public IReadOnlyList<SharedBreakerState> States => [.. _entries.Values.Select(Told)];

    TimeSpan Now => time.GetElapsedTime(_openedAt);

    /// <summary>
    /// Goes on from where the clerk before ended. Leases and members begin their lengths anew: that is too long rather than too short, since
    /// nobody knows how much of them has passed.
    /// </summary>
    public void Load(Snapshot snapshot, KnownAges ages)
    {
        _revision = snapshot.Revision;
        var sinceWritten = time.GetUtcNow() - snapshot.WrittenAt;
        foreach (var state in snapshot.States)
        {
            var age = ages.Find(state) ?? state.Age + (sinceWritten > TimeSpan.Zero ? sinceWritten : TimeSpan.Zero);
            _entries[state.Breaker] = new Entry(state, Now - age);
        }

        foreach (var lease in snapshot.Leases)
        {
            if (_entries.TryGetValue(lease.Breaker, out var entry))
                entry.Lease = new Entry<LeaseProbe>(lease, Now + lease.Length);
        }

        foreach (var member in snapshot.Members)
            _members[member.Instance] = new Entry<Announce>(member, Now + member.ValidFor);
    }

    public Answer Apply(Command command) => command switch
    {
        Read read => new Answer([.. read.Breakers.Distinct(StringComparer.OrdinalIgnoreCase).Select(Find).OfType<SharedBreakerState>()]),
        Change change => new Answer([Apply(change.Next)]),
        LeaseProbe lease => new Answer(IsGranted: Apply(lease)),
        Announce announce => new Answer(Census: Apply(announce)),
        Leave leave => Apply(leave),
        _ => new Answer(Problem: $"the clerk does not know the command {command.GetType().Name}"),
    };

    /// <summary>The changes since the last time.</summary>
    public IReadOnlyList<SharedBreakerState> TakeChanges()
    {
        SharedBreakerState[] changes = [.. _changes];
        _changes.Clear();
        return changes;
    }

    public Snapshot TakeSnapshot()
    {
        IsDirty = false;
        return new Snapshot(
            ++_revision,
            time.GetUtcNow(),
            States,
            [.. _entries.Values.Select(entry => entry.Lease).OfType<Entry<LeaseProbe>>().Where(IsValid).Select(lease => lease.Value)],
            [.. _members.Values.Where(IsValid).Select(member => member.Value)]);
    }

    SharedBreakerState? Find(string breaker) => _entries.TryGetValue(breaker, out var entry) ? Told(entry) : null;

    SharedBreakerState Told(Entry entry) => entry.State with { Age = Now - entry.ChangedAt };

    SharedBreakerState Apply(SharedBreakerState next)
    {
        next = next with { Age = TimeSpan.Zero };
        var current = _entries.GetValueOrDefault(next.Breaker);
        if (next.Version != (current?.State.Version ?? 0) + 1)
            return current is null ? next with { Version = 0 } : Told(current);
        _entries[next.Breaker] = new Entry(next, Now);
        _changes.Add(next);
        IsDirty = true;
        return next;
    }

    bool Apply(LeaseProbe lease)
    {
        if (!_entries.TryGetValue(lease.Breaker, out var entry) || entry.State.Version != lease.Version)
            return false;
        var held = entry.Lease is { } holder && IsValid(holder) ? holder.Value : null;
        if (held is not null && held.Instance != lease.Instance)
            return false;
        IsDirty |= held != lease;
        entry.Lease = new Entry<LeaseProbe>(lease, Now + lease.Length);
        return true;
    }

    FleetCensus Apply(Announce announce)
    {
        foreach (var (name, _) in _members.Where(member => !IsValid(member.Value)).ToList())
            _members.Remove(name);
        IsDirty |= !_members.TryGetValue(announce.Instance, out var known)
            || known.Value.ValidFor != announce.ValidFor
            || !known.Value.Tripped.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(announce.Tripped);
        _members[announce.Instance] = new Entry<Announce>(announce, Now + announce.ValidFor);
        return new FleetCensus(
            _members.Count,
            _members.Values
                .SelectMany(member => member.Value.Tripped.Distinct(StringComparer.OrdinalIgnoreCase))
                .CountBy(breaker => breaker, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(StringComparer.OrdinalIgnoreCase));
    }

    Answer Apply(Leave leave)
    {
        IsDirty |= _members.Remove(leave.Instance);
        foreach (var entry in _entries.Values.Where(entry => entry.Lease?.Value.Instance == leave.Instance))
        {
            entry.Lease = null;
            IsDirty = true;
        }

        return new Answer();
    }

    bool IsValid<T>(Entry<T> entry) => Now < entry.Until;

    sealed class Entry(SharedBreakerState state, TimeSpan changedAt)
    {
        public SharedBreakerState State { get; } = state;

        public TimeSpan ChangedAt { get; } = changedAt;

        public Entry<LeaseProbe>? Lease { get; set; }
    }

    sealed record Entry<T>(T Value, TimeSpan Until);
}
