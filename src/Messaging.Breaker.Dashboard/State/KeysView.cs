namespace Messaging.Breaker.Dashboard.State;

/// <summary>The keys of one breaker that is split: how they stand, and a few of them, however many there are.</summary>
/// <param name="Breaker">The breaker.</param>
/// <param name="Summary">How many are in which state, and what waits for them.</param>
/// <param name="Keys">The worst, or those that were looked for.</param>
/// <param name="AreMore">There are more of these than are told.</param>
sealed record KeysView(string Breaker, BreakerKeySummary Summary, IReadOnlyList<BreakerKeySnapshot> Keys, bool AreMore)
{
    /// <param name="breaker">The breaker.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="search">What they contain; empty for the worst of those that are not closed.</param>
    /// <param name="most">How many are told.</param>
    public static KeysView Of(string breaker, IBreakerKeys keys, string search, int most)
    {
        var found = search.Length == 0 ? keys.Worst(most + 1) : keys.Find(search, most + 1);
        return new KeysView(breaker, keys.Summarize(), [.. found.Take(most)], found.Count > most);
    }
}
