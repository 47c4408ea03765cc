namespace Messaging.Breaker.Breakers.Keys;

/// <summary>
/// Reports on the keys of a breaker: how many are in each state, and which are the worst. It costs nothing unless it is asked.
/// </summary>
/// <param name="keys">All remembered keys.</param>
/// <param name="time">The clock.</param>
sealed class KeyReport(IEnumerable<BreakerKey> keys, TimeProvider time)
{
    public IReadOnlyList<BreakerKeySnapshot> NotClosed => [.. keys.Where(IsNotClosed).Select(Describe).OrderBy(key => key.Since)];

    public IReadOnlyList<BreakerKeySnapshot> Worst(int most) => Rank(keys.Where(IsNotClosed).Select(Describe), most);

    public IReadOnlyList<BreakerKeySnapshot> Find(string text, int most) =>
        Rank(keys.Where(key => key.Name.Contains(text, StringComparison.OrdinalIgnoreCase)).Select(Describe), most, text);

    public BreakerKeySummary Summarize()
    {
        var states = new Dictionary<BreakerState, int>();
        var (remembered, emptying, parked, isCounted) = (0, 0, 0L, true);
        long? bytes = 0;
        DateTimeOffset? oldest = null;
        foreach (var key in keys)
        {
            remembered++;
            var state = key.Breaker?.State ?? BreakerState.Closed;
            states[state] = states.GetValueOrDefault(state) + 1;
            if (!key.HasQueue)
                continue;
            emptying += state == BreakerState.Closed ? 1 : 0;
            isCounted &= key.IsCounted;
            parked += key.Parked;
            bytes += key.ParkedBytes;
            oldest = oldest < key.OldestParkedAt ? oldest : key.OldestParkedAt ?? oldest;
        }

        return new BreakerKeySummary
        {
            Remembered = remembered,
            Open = states.GetValueOrDefault(BreakerState.Open),
            HalfOpen = states.GetValueOrDefault(BreakerState.HalfOpen),
            Isolated = states.GetValueOrDefault(BreakerState.Isolated),
            Emptying = emptying,
            Parked = isCounted ? parked : null,
            ParkedBytes = isCounted ? bytes : null,
            OldestParkedAt = oldest,
        };
    }

    static bool IsNotClosed(BreakerKey key) => key.Breaker is { State: not BreakerState.Closed } || key.HasQueue;

    /// <summary>
    /// Keys that are down first, then those that an operator holds, then those that are back and have messages to catch up with.
    /// </summary>
    static IReadOnlyList<BreakerKeySnapshot> Rank(IEnumerable<BreakerKeySnapshot> found, int most, string? exact = null) =>
    [
        .. found
            .OrderByDescending(key => key.Key == exact)
            .ThenBy(key => key switch
            {
                { State: BreakerState.Open or BreakerState.HalfOpen } => 0,
                { State: BreakerState.Isolated } => 1,
                { HasQueue: true } => 2,
                _ => 3,
            })
            .ThenByDescending(key => key.Parked)
            .ThenBy(key => key.Since)
            .ThenBy(key => key.Key, StringComparer.Ordinal)
            .Take(most),
    ];

    BreakerKeySnapshot Describe(BreakerKey key)
    {
        var own = key.Breaker?.GetSnapshot();
        return new BreakerKeySnapshot
        {
            Key = key.Name,
            State = own?.State ?? BreakerState.Closed,
            Since = own?.Since ?? time.GetUtcNow(),
            Reason = own?.Reason ?? "",
            NextProbeAt = own?.NextProbeAt,
            HasQueue = key.HasQueue,
            Parked = key.Parked,
            ParkedBytes = key.ParkedBytes,
            OldestParkedAt = key.OldestParkedAt,
        };
    }
}
