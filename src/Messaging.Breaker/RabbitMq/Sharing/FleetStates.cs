using System.Text.Json;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// The coordinator's records: what the fleet knows, and the rules by which a command changes it. Pure: no I/O, and one command at a time.
/// </summary>
sealed class FleetStates(TimeProvider time)
{
    const int LongestName = 200;
    const int MostBreakers = 10_000;
    const int MostMembers = 10_000;

    // Three times the longest heartbeat interval that the options allow, and the longest lease.
    static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(15);
    static readonly TimeSpan LongestLease = TimeSpan.FromMinutes(5);
    static readonly TimeSpan Longest = TimeSpan.FromDays(3_650);

    readonly long _openedAt = time.GetTimestamp();
    readonly Dictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, Entry<Announce>> _members = new(StringComparer.Ordinal);
    readonly List<SharedBreakerState> _changes = [];
    long _revision;
    int _format = SharedStateConverter.Format;
    Dictionary<string, JsonElement>? _unknown;

    /// <summary>Whether there is something that the next coordinator must know and that has not been written yet.</summary>
    public bool IsDirty { get; private set; }

    public IReadOnlyList<SharedBreakerState> States => [.. _entries.Values.Select(Told)];

    TimeSpan Now => time.GetElapsedTime(_openedAt);

    /// <summary>
    /// Continues from where the previous coordinator ended. Leases and members start their time again, which is too long rather than too short,
    /// because it is not known how much of it has passed.
    /// </summary>
    public void Load(Snapshot snapshot, StateAges ages)
    {
        _revision = Math.Clamp(snapshot.Revision, 0, StateCheck.VersionLimit);
        _format = Math.Max(snapshot.Format, SharedStateConverter.Format);
        _unknown = snapshot.Unknown;
        var sinceWritten = Within(time.GetUtcNow() - snapshot.WrittenAt, TimeSpan.Zero, Longest);
        foreach (var state in snapshot.States.Where(IsSound))
        {
            var age = ages.Find(state) ?? state.Age + sinceWritten;
            _entries[state.Breaker] = new Entry(state, Now - age);
        }

        foreach (var lease in snapshot.Leases.OfType<LeaseProbe>().Where(lease => lease is { Breaker: not null, Instance: not null }))
        {
            if (_entries.TryGetValue(lease.Breaker, out var entry))
                entry.Lease = new Entry<LeaseProbe>(lease, Now + Within(lease.Length, TimeSpan.Zero, LongestLease));
        }

        foreach (var member in snapshot.Members.OfType<Announce>().Where(IsNamed))
            Keep(member);
    }

    public Answer Apply(Command command) => command switch
    {
        Read { All: true } => new Answer(States, Census: new FleetMembership(_members.Values.Count(IsValid), new Dictionary<string, int>())),
        Read read => new Answer([.. read.Breakers.OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Select(Find).OfType<SharedBreakerState>()]),
        Change change => new Answer([Apply(change.Next)]),
        LeaseProbe { Breaker: null } or LeaseProbe { Instance: null } => new Answer(Problem: "the command does not name a breaker and an instance"),
        LeaseProbe lease => new Answer(IsGranted: Apply(lease)),
        Announce announce when !IsNamed(announce) => new Answer(Problem: "the instance has no name, or a name of more than 200 characters"),
        Announce announce => new Answer(Census: Apply(announce)),
        Leave leave => Apply(leave),
        _ => new Answer(Problem: $"the coordinator does not know the command {command.GetType().Name}"),
    };

    /// <summary>The changes since the previous call.</summary>
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
            [.. _members.Values.Where(IsValid).Select(member => member.Value)])
        {
            Format = _format,
            Unknown = _unknown,
        };
    }

    SharedBreakerState? Find(string breaker) => _entries.TryGetValue(breaker, out var entry) ? Told(entry) : null;

    SharedBreakerState Told(Entry entry) => entry.State with { Age = Now - entry.ChangedAt };

    SharedBreakerState Apply(SharedBreakerState next)
    {
        if (!IsSound(next) || (_entries.Count >= MostBreakers && !_entries.ContainsKey(next.Breaker)))
            return next with { Version = 0 };
        next = StateCheck.Bound(next) with { Age = TimeSpan.Zero };
        var current = _entries.GetValueOrDefault(next.Breaker);
        if (next.Version != StateCheck.After(current?.State.Version ?? 0))
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
        entry.Lease = new Entry<LeaseProbe>(lease, Now + Within(lease.Length, TimeSpan.Zero, LongestLease));
        return true;
    }

    FleetMembership Apply(Announce announce)
    {
        foreach (var (name, _) in _members.Where(member => !IsValid(member.Value)).ToList())
            _members.Remove(name);
        var known = _members.GetValueOrDefault(announce.Instance)?.Value;
        var kept = Keep(announce);
        IsDirty |= known is null
            || known.ValidFor != kept.ValidFor
            || !known.Tripped.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(kept.Tripped);
        return new FleetMembership(
            _members.Count,
            _members.Values
                .SelectMany(member => member.Value.Tripped.Distinct(StringComparer.OrdinalIgnoreCase))
                .CountBy(breaker => breaker, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(StringComparer.OrdinalIgnoreCase));
    }

    Answer Apply(Leave leave)
    {
        IsDirty |= _members.Remove(leave.Instance ?? "");
        foreach (var entry in _entries.Values.Where(entry => entry.Lease?.Value.Instance == leave.Instance))
        {
            entry.Lease = null;
            IsDirty = true;
        }

        return new Answer();
    }

    /// <summary>Keeps an announcement within bounds, because it is calculated with later.</summary>
    Announce Keep(Announce announce)
    {
        var kept = announce with
        {
            Tripped = [.. (announce.Tripped ?? []).Where(breaker => breaker is { Length: > 0 and <= LongestName }).Take(MostBreakers)],
            ValidFor = Within(announce.ValidFor, TimeSpan.Zero, LongestLife),
        };
        if (_members.Count < MostMembers || _members.ContainsKey(kept.Instance))
            _members[kept.Instance] = new Entry<Announce>(kept, Now + kept.ValidFor);
        return kept;
    }

    static bool IsNamed(Announce announce) => announce.Instance is { Length: > 0 and <= LongestName };

    static bool IsSound(SharedBreakerState? state) => StateCheck.Problem(state) is null && state!.Version > 0;

    static TimeSpan Within(TimeSpan length, TimeSpan least, TimeSpan most) => length < least ? least : length > most ? most : length;

    bool IsValid<T>(Entry<T> entry) => Now < entry.Until;

    sealed class Entry(SharedBreakerState state, TimeSpan changedAt)
    {
        public SharedBreakerState State { get; } = state;

        public TimeSpan ChangedAt { get; } = changedAt;

        public Entry<LeaseProbe>? Lease { get; set; }
    }

    sealed record Entry<T>(T Value, TimeSpan Until);
}
