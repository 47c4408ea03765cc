using System.Globalization;
using System.Text;

namespace Messaging.Breaker.Cli.Output;

/// <summary>How times, lengths and foreign texts are shown.</summary>
static class Words
{
    /// <summary>With its zone, because the reader may be elsewhere.</summary>
    public static string Of(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    /// <summary>Two units at most, as in 2d3h, 1h30m, 45s, 0.8s.</summary>
    public static string Of(TimeSpan length)
    {
        if (length < TimeSpan.Zero)
            length = TimeSpan.Zero;
        if (length < TimeSpan.FromSeconds(10))
            return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(length.TotalSeconds, 1):0.#}s");
        length = TimeSpan.FromSeconds(Math.Round(length.TotalSeconds));
        return length switch
        {
            { TotalDays: >= 1 } => Two((int)length.TotalDays, "d", length.Hours, "h"),
            { TotalHours: >= 1 } => Two(length.Hours, "h", length.Minutes, "m"),
            { TotalMinutes: >= 1 } => Two(length.Minutes, "m", length.Seconds, "s"),
            _ => Two(length.Seconds, "s", 0, ""),
        };
    }

    public static string Of(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Foreign text. Characters that a terminal would interpret, or that change the direction, are shown as their codes.</summary>
    public static string Legible(string text)
    {
        if (!text.Any(IsInvisible))
            return text;
        var legible = new StringBuilder();
        foreach (var letter in text)
            legible.Append(IsInvisible(letter) ? string.Create(CultureInfo.InvariantCulture, $"[U+{(int)letter:X4}]") : letter.ToString());
        return legible.ToString();
    }

    static string Two(int first, string unit, int second, string smaller) =>
        string.Create(CultureInfo.InvariantCulture, $"{first}{unit}") + (second == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{second}{smaller}"));

    static bool IsInvisible(char letter) => char.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
