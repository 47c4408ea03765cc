using System.Globalization;
using Messaging.Breaker.Cli.Sources;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Messaging.Breaker.Cli.Output;

/// <summary>The keys of a breaker that is split.</summary>
static class KeysSheet
{
    public static IRenderable Of(KeysView keys, DateTimeOffset now)
    {
        var rows = new List<IRenderable> { Sheet.Cell(Headline(keys, now)) };
        if (keys.Keys.Count > 0)
            rows.AddRange([Sheet.Blank, Table(keys.Keys, now)]);
        if (keys.AreMore)
            rows.AddRange([Sheet.Blank, Sheet.Line("There are more: --search finds keys by text, --most shows up to 200.", Sheet.Faint)]);
        return new Rows(rows);
    }

    public static bool AreDown(KeySummaryView summary) => summary.Open + summary.HalfOpen + summary.Isolated + summary.Emptying > 0;

    public static string Headline(KeysView keys, DateTimeOffset now)
    {
        var summary = keys.Summary;
        var parts = new[] { (summary.Open, "open"), (summary.HalfOpen, "half-open"), (summary.Isolated, "isolated"), (summary.Emptying, "catching up") }
            .Where(part => part.Item1 > 0).Select(part => $"{Words.Of(part.Item1)} {part.Item2}").ToList();
        return $"{keys.Breaker}: {(parts.Count > 0 ? string.Join(", ", parts) : "none down")} of {Words.Of(summary.Remembered)} keys"
            + (summary.Parked is > 0 and var parked ? $"; {Words.Of(parked)} messages wait{Size(summary.ParkedBytes)}{Age(summary.OldestParkedAt, now)}" : "") + ".";
    }

    static Table Table(IReadOnlyList<KeyView> keys, DateTimeOffset now)
    {
        var table = Sheet.Of("KEY", "STATE", "FOR", "NEXT", ">WAITING", "REASON");
        foreach (var key in keys)
            table.AddRow(
                Sheet.Cell(key.Key),
                Sheet.Cell(key.State, Sheet.StyleOf(key.State)),
                Sheet.Cell(Words.Of(now - key.Since)),
                Sheet.Cell(key.NextProbeAt is { } at ? at > now ? $"probe in {Words.Of(at - now)}" : "probe is due" : ""),
                Sheet.Cell(key.HasQueue ? Words.Of(key.Parked) : ""),
                Sheet.Cell(key.Reason));
        return table;
    }

    static string Size(long? bytes) => bytes switch
    {
        null => "",
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $", {bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $", {bytes / 1_000.0:0.#} KB"),
        _ => string.Create(CultureInfo.InvariantCulture, $", {bytes / 1_000_000.0:0.#} MB"),
    };

    static string Age(DateTimeOffset? oldest, DateTimeOffset now) => oldest is { } at ? $", the oldest for {Words.Of(now - at)}" : "";
}
