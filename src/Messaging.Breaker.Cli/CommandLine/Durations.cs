using System.Globalization;
using System.Text.RegularExpressions;

namespace Messaging.Breaker.Cli.CommandLine;

/// <summary>Lengths as users type them: 45s, 5m, 1h30m, 2d, 500ms; and moments, as a length before now or as a date.</summary>
static partial class Durations
{
    public const string Form = "a length such as 45s, 5m, 1h30m or 2d";
    public const string MomentForm = "a length before now such as 2h, or a time such as 2026-01-31T03:00+01:00 (your own zone if none is given)";

    static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    public static bool TryParse(string text, out TimeSpan length)
    {
        length = TimeSpan.Zero;
        if (!WellFormed().IsMatch(text))
            return false;
        var seconds = Part().Matches(text).Sum(part => double.Parse(part.Groups[1].Value, CultureInfo.InvariantCulture) * (part.Groups[2].Value.ToLowerInvariant() switch
        {
            "ms" => 0.001,
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            _ => 86_400,
        }));
        if (!(seconds > 0 && seconds <= Longest.TotalSeconds))
            return false;
        length = TimeSpan.FromSeconds(seconds);
        return true;
    }

    public static bool TryParseMoment(string text, TimeProvider time, out DateTimeOffset moment)
    {
        if (TryParse(text, out var length))
        {
            moment = time.GetUtcNow() - length;
            return true;
        }

        if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out moment))
            return false;
        if (!Zone().IsMatch(text))
            moment = new DateTimeOffset(moment.DateTime, time.LocalTimeZone.GetUtcOffset(moment.DateTime));
        return true;
    }

    [GeneratedRegex(@"^(\d+(\.\d+)?(ms|s|m|h|d))+\z", RegexOptions.IgnoreCase)]
    private static partial Regex WellFormed();

    [GeneratedRegex(@"(\d+(?:\.\d+)?)(ms|s|m|h|d)", RegexOptions.IgnoreCase)]
    private static partial Regex Part();

    [GeneratedRegex(@"(Z|[+-]\d\d:?\d\d|GMT)\s*\z", RegexOptions.IgnoreCase)]
    private static partial Regex Zone();
}
