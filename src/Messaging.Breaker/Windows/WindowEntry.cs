using System.Text.Json;
using System.Text.Json.Serialization;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Windows;

/// <summary>
/// What the fleet's store keeps of a window: a plan for a window that was planned while running, or a mark of how far a window has come. The
/// instance that adds or removes a window writes the plan. The instance that acts for the fleet writes the mark, anew for each time of the
/// window.
/// </summary>
sealed record WindowEntry
{
    /// <summary>The name of the list.</summary>
    public const string List = "windows";

    const int LongestName = 300;
    const int LongestReason = 500;
    const int LongestText = 8_000;

    public required string Name { get; init; }

    public string? Breaker { get; init; }

    public string? Endpoint { get; init; }

    public DateTimeOffset? Start { get; init; }

    public DateTimeOffset? End { get; init; }

    public string Reason { get; init; } = "";

    public string? By { get; init; }

    public bool IsRemoved { get; init; }

    /// <summary>The start of the time that was announced last; likewise below.</summary>
    public DateTimeOffset? Announced { get; init; }

    public DateTimeOffset? Began { get; init; }

    public DateTimeOffset? Ended { get; init; }

    [JsonIgnore]
    public bool IsPlan => Start is not null && End is not null;

    [JsonIgnore]
    public string Id => $"{(IsPlan ? "plan" : "mark")}/{Name}";

    public string Write() => JsonSerializer.Serialize(this, WindowJson.Default.WindowEntry);

    /// <returns>Null if it is unreadable or not credible.</returns>
    public static WindowEntry? Read(string? text)
    {
        try
        {
            if (text is not { Length: <= LongestText } || JsonSerializer.Deserialize(text, WindowJson.Default.WindowEntry) is not { } entry)
                return null;
            return entry.IsPlan && ((entry.Breaker is null) == (entry.Endpoint is null) || entry.End <= entry.Start) ? null : entry with
            {
                Name = OneLine.Of(entry.Name, LongestName),
                Reason = OneLine.Of(entry.Reason, LongestReason),
                By = entry.By is { } by ? OneLine.Of(by, LongestName) : null,
            };
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WindowEntry))]
sealed partial class WindowJson : JsonSerializerContext;
