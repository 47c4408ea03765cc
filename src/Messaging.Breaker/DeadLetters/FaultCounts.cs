namespace Messaging.Breaker.DeadLetters;

/// <summary>How many messages failed, by kind of failure. Beyond the first fifty kinds only the total is kept. Not thread-safe.</summary>
sealed class FaultCounts
{
    const int MostKinds = 50;
    const int MostListed = 10;

    readonly Dictionary<string, (FaultDetails Fault, long Count)> _kinds = [];

    public long Total { get; private set; }

    public IReadOnlyList<DeadLetterTripGroup> Largest =>
    [
        .. _kinds.Values.OrderByDescending(kind => kind.Count).Take(MostListed)
            .Select(kind => new DeadLetterTripGroup { Exception = kind.Fault.Exception, Text = kind.Fault.Text, Count = kind.Count }),
    ];

    public void Add(FaultDetails fault, long count = 1)
    {
        Total += count;
        if (_kinds.TryGetValue(fault.Key, out var known))
            _kinds[fault.Key] = (known.Fault, known.Count + count);
        else if (_kinds.Count < MostKinds)
            _kinds.Add(fault.Key, (fault, count));
    }

    public void Add(FaultCounts others)
    {
        foreach (var (fault, count) in others._kinds.Values)
            Add(fault, count);
        Total += others.Total - others._kinds.Values.Sum(kind => kind.Count);
    }
}
