using System.Globalization;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Breakers.Keys;

/// <summary>The text about keys in an alert and the health check. A key is foreign text, so it is put on one line and cut.</summary>
static class KeyText
{
    const int LongestKey = 60;
    const int LongestReason = 120;

    public static string Of(string breaker, BreakerKeySummary keys)
    {
        (int Count, string State)[] states = [(keys.Open, "open"), (keys.HalfOpen, "half-open"), (keys.Isolated, "isolated"), (keys.Emptying, "closed and not caught up")];
        var counts = states.Where(state => state.Count > 0).Select(state => Text($"{state.Count:N0} {state.State}"));
        return $"{breaker} keys: {string.Join(", ", counts.DefaultIfEmpty("none open"))}";
    }

    /// <summary>The worst keys by name, and the number of others.</summary>
    public static string Worst(IReadOnlyList<BreakerKeySnapshot> worst, BreakerKeySummary keys)
    {
        if (worst.Count == 0)
            return "";
        var more = keys.Open + keys.HalfOpen + keys.Isolated + keys.Emptying - worst.Count;
        return $" ({string.Join("; ", worst.Select(Describe))}{(more > 0 ? Text($"; and {more:N0} more") : "")})";
    }

    public static string Describe(BreakerKeySnapshot key)
    {
        var parked = key.Parked > 0 ? Text($", {key.Parked:N0} wait") : "";
        return $"'{Name(key)}' is {key.State}{parked}: {OneLine.Of(key.Reason, LongestReason)}";
    }

    public static string Name(BreakerKeySnapshot key) => OneLine.Of(key.Key, LongestKey);

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
