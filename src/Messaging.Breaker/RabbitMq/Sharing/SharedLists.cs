using System.Text.Json;
using Messaging.Breaker.Reports;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>
/// The lists that the coordinator keeps in addition to the <see cref="FleetStates"/> of breakers, within limits. Pure: no I/O, and one command
/// at a time.
/// </summary>
sealed class SharedLists(TimeProvider time)
{
    /// <summary>
    /// Lists that the instances write all the time, and write again for the next coordinator: these are not kept on the broker.
    /// </summary>
    const string Fleeting = ReportFormat.List;
    const int MostLists = 10;
    const int MostEntries = 200;
    const int LongestList = 50;
    const int LongestId = 100;
    const int LongestText = 8_000;

    /// <summary>The total length of all entries in characters: together they are one message.</summary>
    const int MostText = 1_000_000;
    static readonly TimeSpan Longest = TimeSpan.FromDays(3_650);

    readonly long _openedAt = time.GetTimestamp();

    /// <summary>In the order in which they were written, the latest at the end.</summary>
    readonly List<(KeptEntry Entry, TimeSpan PutAt)> _entries = [];
    long _revision;
    int _format = SharedStateConverter.Format;
    Dictionary<string, JsonElement>? _unknown;

    /// <summary>Whether there is something that has not been written yet.</summary>
    public bool IsDirty { get; private set; }

    TimeSpan Now => time.GetElapsedTime(_openedAt);

    /// <summary>Continues from where the previous coordinator ended.</summary>
    public void Load(ListsSnapshot snapshot)
    {
        _revision = Math.Clamp(snapshot.Revision, 0, StateCheck.VersionLimit);
        _format = Math.Max(snapshot.Format, SharedStateConverter.Format);
        _unknown = snapshot.Unknown;
        var since = time.GetUtcNow() - snapshot.WrittenAt;
        foreach (var entry in snapshot.Entries)
            if (entry.List != Fleeting && IsSound(entry.List, entry.Id, entry.Text))
                Put(entry, Now - Within(entry.Age) - Within(since));
    }

    public Answer Apply(Command command) => command switch
    {
        PutEntry put when !IsSound(put.List, put.Id, put.Text) => new Answer(Problem: "the entry has no name, or is too long"),
        PutEntry put => Apply(put),
        ReadEntries read => new Answer(Entries: [.. _entries.Where(kept => kept.Entry.List == read.List).Select(Told)]),
        _ => new Answer(Problem: $"the coordinator does not know the command {command.GetType().Name}"),
    };

    public ListsSnapshot TakeSnapshot()
    {
        IsDirty = false;
        return new ListsSnapshot(++_revision, time.GetUtcNow(), [.. _entries.Where(kept => kept.Entry.List != Fleeting).Select(Told)]) { Format = _format, Unknown = _unknown };
    }

    Answer Apply(PutEntry put)
    {
        if (!_entries.Exists(kept => kept.Entry.List == put.List) && _entries.DistinctBy(kept => kept.Entry.List).Count() >= MostLists)
            return new Answer(Problem: $"there are {MostLists} lists already");
        Put(new KeptEntry(put.List, put.Id, put.Text, TimeSpan.Zero), Now);
        IsDirty |= put.List != Fleeting;
        return new Answer();
    }

    void Put(KeptEntry entry, TimeSpan at)
    {
        _entries.RemoveAll(kept => kept.Entry.List == entry.List && kept.Entry.Id == entry.Id);
        _entries.Add((entry, at));
        if (_entries.Count(kept => kept.Entry.List == entry.List) > MostEntries)
            _entries.RemoveAt(_entries.FindIndex(kept => kept.Entry.List == entry.List));
        while (entry.List != Fleeting && _entries.Sum(kept => kept.Entry.List == Fleeting ? 0 : kept.Entry.Text.Length) > MostText)
            _entries.RemoveAt(_entries.FindIndex(kept => kept.Entry.List != Fleeting));
    }

    KeptEntry Told((KeptEntry Entry, TimeSpan PutAt) kept) => kept.Entry with { Age = Within(Now - kept.PutAt) };

    static bool IsSound(string? list, string? id, string? text) =>
        list is { Length: > 0 and <= LongestList } && id is { Length: > 0 and <= LongestId } && text is { Length: <= LongestText };

    static TimeSpan Within(TimeSpan age) => age < TimeSpan.Zero ? TimeSpan.Zero : age > Longest ? Longest : age;
}
