using System.Text.Json;
using System.Text.Json.Serialization;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Sharing;

/// <summary>An entry in the ledger of operators' actions.</summary>
/// <param name="At">When (UTC).</param>
/// <param name="By">Who.</param>
/// <param name="Action">What, as in "isolate".</param>
/// <param name="Kind">To a "breaker" or an "endpoint".</param>
/// <param name="Subject">Its name.</param>
/// <param name="Reason">Why.</param>
/// <param name="Seconds">For how long; null for no end, or if that does not apply.</param>
sealed record OperatorEntry(DateTimeOffset At, string By, string Action, string Kind, string Subject, string Reason, double? Seconds)
{
    /// <summary>The name of the list.</summary>
    public const string List = "operators";

    const int LongestName = 300;
    const int LongestText = 500;

    /// <summary>Bounded, because anybody may have written what is read.</summary>
    public OperatorEntry Tidy() => this with
    {
        By = OneLine.Of(By, LongestName),
        Action = OneLine.Of(Action, LongestName),
        Kind = OneLine.Of(Kind, LongestName),
        Subject = OneLine.Of(Subject, LongestName),
        Reason = OneLine.Of(Reason, LongestText),
    };

    public string Write() => JsonSerializer.Serialize(Tidy(), OperatorJson.Default.OperatorEntry);

    /// <returns>Null if it cannot be read.</returns>
    public static OperatorEntry? Read(string? text)
    {
        try
        {
            return text is null ? null : JsonSerializer.Deserialize(text, OperatorJson.Default.OperatorEntry)?.Tidy();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(OperatorEntry))]
sealed partial class OperatorJson : JsonSerializerContext;
