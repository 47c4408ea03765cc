using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.DeadLetters;

/// <summary>
/// How ledger entries are written for other instances, which may run another version of the library: JSON, with enumerations by name. Only the
/// instance that made an entry rewrites it, so this version cannot lose what a later one adds.
/// </summary>
static class LedgerFormat
{
    /// <summary>The name of the list of runs.</summary>
    public const string Runs = "runs";

    /// <summary>The name of the list of trips.</summary>
    public const string Trips = "trips";

    /// <summary>Escapes only what it must, so that an entry is as long as it looks. It goes to a store, never unescaped into a page.</summary>
    static readonly LedgerJson Json = new(new JsonSerializerOptions(LedgerJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    const int LongestEntry = 8_000;
    const int LongestName = 300;
    const int LongestText = 1_000;
    const int MostProblems = 20;
    const int MostGroups = 10;

    public static string Write(DeadLetterRun run)
    {
        var text = JsonSerializer.Serialize(run, Json.DeadLetterRun);
        return text.Length <= LongestEntry ? text
            : JsonSerializer.Serialize(run with { Problems = [], Detail = OneLine.Of(run.Detail, LongestName) }, Json.DeadLetterRun);
    }

    public static string Write(DeadLetterTrip trip)
    {
        var text = JsonSerializer.Serialize(trip, Json.DeadLetterTrip);
        return text.Length <= LongestEntry ? text : JsonSerializer.Serialize(trip with { Groups = [.. trip.Groups.Take(1)] }, Json.DeadLetterTrip);
    }

    /// <returns>Null if it is unreadable or not credible.</returns>
    public static DeadLetterRun? ReadRun(string? text) =>
        Read(text, Json.DeadLetterRun) is { } run && Enum.IsDefined(run.Action) && Enum.IsDefined(run.State) && run.Began <= (run.Ended ?? run.Began)
            ? run with
            {
                Queue = OneLine.Of(run.Queue, LongestName),
                Group = run.Group is { } group ? OneLine.Of(group, LongestName) : null,
                By = OneLine.Of(run.By, LongestName),
                Instance = OneLine.Of(run.Instance, LongestName),
                Reason = OneLine.Of(run.Reason, LongestText),
                Detail = OneLine.Of(run.Detail, LongestText),
                File = run.File is { } file ? OneLine.Of(file, LongestText) : null,
                Problems = [.. run.Problems.OfType<string>().Take(MostProblems).Select(problem => OneLine.Of(problem, LongestText))],
            }
            : null;

    /// <returns>Null if it is unreadable or not credible.</returns>
    public static DeadLetterTrip? ReadTrip(string? text) => Read(text, Json.DeadLetterTrip) is { } trip
        ? trip with
        {
            Breaker = OneLine.Of(trip.Breaker, LongestName),
            Instance = OneLine.Of(trip.Instance, LongestName),
            Reason = OneLine.Of(trip.Reason, LongestText),
            Groups =
            [
                .. trip.Groups.OfType<DeadLetterTripGroup>().Take(MostGroups).Select(group => group with
                {
                    Exception = group.Exception is { } exception ? OneLine.Of(exception, LongestName) : null,
                    Text = OneLine.Of(group.Text, LongestText),
                }),
            ],
        }
        : null;

    static T? Read<T>(string? text, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return text is { Length: <= LongestEntry } ? JsonSerializer.Deserialize(text, type) : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(DeadLetterRun))]
[JsonSerializable(typeof(DeadLetterTrip))]
sealed partial class LedgerJson : JsonSerializerContext;
