namespace Messaging.Breaker.QueueDepth;

/// <summary>The state of the keys of an endpoint's breaker.</summary>
/// <param name="Breaker">The breaker.</param>
/// <param name="Summary">How many keys are in each state, and how many messages wait for them.</param>
/// <param name="Worst">The worst keys that are down, which an alert names.</param>
sealed record KeyCondition(string Breaker, BreakerKeySummary Summary, IReadOnlyList<BreakerKeySnapshot> Worst)
{
    const int MostNamed = 5;

    /// <summary>Keys that are open or half-open. A key that an operator isolates is not news.</summary>
    public int Down => Summary.Open + Summary.HalfOpen;

    /// <returns>Null if the breaker is not split, or holds nothing back.</returns>
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
