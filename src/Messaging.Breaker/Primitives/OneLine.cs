using System.Globalization;

namespace Messaging.Breaker.Primitives;

/// <summary>Makes one line of foreign text, for logs, pages and other instances.</summary>
static class OneLine
{
    const int LongestReason = 500;

    /// <summary>An operator's reason, in the form in which it is stored.</summary>
    /// <exception cref="ArgumentException">It is null or blank.</exception>
    public static string Reason(string? reason, string subject) => string.IsNullOrWhiteSpace(reason)
        ? throw new ArgumentException($"The reason of a change of {subject} is {(reason is null ? "null" : "blank")}: say why, for the next operator on call.", nameof(reason))
        : Of(reason.Trim(), LongestReason);

    /// <summary>
    /// Without control characters and direction marks, which would let a text overwrite its surroundings, and cut to that length.
    /// </summary>
    public static string Of(string text, int longest)
    {
        if (text.Length <= longest && !text.Any(IsOutOfPlace))
            return text;
        var line = new string([.. text.Take(longest + 1).Select(letter => IsOutOfPlace(letter) ? ' ' : letter)]);
        if (line.Length <= longest)
            return line;
        // Not between the halves of a surrogate pair.
        var end = longest - 1;
        return string.Concat(line.AsSpan(0, char.IsHighSurrogate(line[end - 1]) ? end - 1 : end), "…");
    }

    static bool IsOutOfPlace(char letter) => char.GetUnicodeCategory(letter)
        is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || letter is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
