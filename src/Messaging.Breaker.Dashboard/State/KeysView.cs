namespace Messaging.Breaker.Dashboard.State;

/// <summary>The keys of one breaker that is split: a summary, and a few of them, however many there are.</summary>
/// <param name="Breaker">The breaker.</param>
/// <param name="Summary">How many keys are in each state, and how many messages wait for them.</param>
/// <param name="Keys">The worst keys, or those that were searched for.</param>
/// <param name="AreMore">Whether there are more of these keys.</param>
sealed record KeysView(string Breaker, BreakerKeySummary Summary, IReadOnlyList<BreakerKeySnapshot> Keys, bool AreMore)
{
    /// <param name="breaker">The breaker.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="search">The text that they contain; empty for the worst of those that are not closed.</param>
    /// <param name="most">The maximum number of keys.</param>
    public static KeysView Of(string breaker, IBreakerKeys keys, string search, int most)
    {
        var found = search.Length == 0 ? keys.Worst(most + 1) : keys.Find(search, most + 1);
        return new KeysView(breaker, keys.Summarize(), [.. found.Take(most)], found.Count > most);
    }
}
