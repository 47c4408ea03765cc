using System.Globalization;
using Messaging.Breaker.Bench;

namespace Messaging.Breaker.Benchmarks.Growth;

/// <summary>A section of the report: a heading, what was done, and a table.</summary>
static class Table
{
    public static string Write(string title, FormattableString explanation, string[] header, params ReadOnlySpan<string[]> rows)
    {
        List<string> lines =
        [
            $"## {title}", "", FormattableString.Invariant(explanation), "",
            Row(header), $"|---|{string.Concat(Enumerable.Repeat("---:|", header.Length - 1))}",
        ];
        foreach (var row in rows)
            lines.Add(Row(row));
        return string.Join('\n', lines) + "\n\n";
    }

    public static string Number(double value, int digits) => value.ToString($"N{digits}", CultureInfo.InvariantCulture);

    /// <summary>The median, and the highest in parentheses.</summary>
    public static string Spread(IReadOnlyCollection<double> times) => $"{Number(Statistics.Median(times), 1)} ({Number(times.Max(), 1)})";

    static string Row(string[] cells) => $"| {string.Join(" | ", cells)} |";
}
