using System.Globalization;

namespace SampleWorkers.Drill;

/// <summary>When the dependency is down, counted from the first message.</summary>
readonly record struct Outage(TimeSpan Start, TimeSpan End)
{
    public const string Form = "FROM-TO in seconds, such as 2-8, with 0 <= FROM < TO <= 600";

    public static Outage Parse(string text)
    {
        var ends = text.Split('-');
        return ends.Length is 2 && Seconds(ends[0]) is { } start && Seconds(ends[1]) is { } end && start < end && end.TotalSeconds <= 600
            ? new Outage(start, end)
            : throw new FormatException($"Not {Form}.");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Start.TotalSeconds}-{End.TotalSeconds}");

    static TimeSpan? Seconds(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 600
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
