namespace Messaging.Breaker.QueueDepth;

/// <summary>How the keys stand by which a breaker of an endpoint is split.</summary>
/// <param name="Breaker">The breaker.</param>
/// <param name="Summary">How many are in which state, and what waits for them.</param>
/// <param name="Worst">The worst of those that are down: what an alert names.</param>
sealed record KeyCondition(string Breaker, BreakerKeySummary Summary, IReadOnlyList<BreakerKeySnapshot> Worst)
{
    const int MostNamed = 5;

    /// <summary>Keys that are open or probed. One that an operator isolates is no news.</summary>
    public int Down => Summary.Open + Summary.HalfOpen;

    /// <returns>Null if the breaker is not split, or keeps nothing from running.</returns>
    public static KeyCondition? Of(IBreaker breaker)
    {
        if (breaker is not { Keys: { } keys, Mode: BreakerMode.Enforcing })
            return null;
        var condition = new KeyCondition(breaker.Name, keys.Summarize(), []);
        return condition.Down == 0 ? condition : condition with
        {
            Worst = [.. keys.Worst(MostNamed).Where(key => key.State is BreakerState.Open or BreakerState.HalfOpen)],
        };
    }
}
