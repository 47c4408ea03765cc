using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Messaging.Breaker.Sharing;

/// <summary>
/// How a shared state is written for other instances, which may run another version of the library: JSON, with enumerations by name. A later
/// version may add fields and values: fields are passed on, and values are read as the one that does least harm.
/// </summary>
sealed class SharedStateConverter : JsonConverter<SharedBreakerState>
{
    /// <summary>The version of the format; higher versions still have all fields of this one.</summary>
    public const int Format = 1;

    static readonly HashSet<string> Known = ["format", "breaker", "version", "state", "mode", "cause", "reason", "instance", "by", "length", "age"];

    /// <exception cref="JsonException">It is not a state, or not a credible one.</exception>
    public override SharedBreakerState Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return Read(document.RootElement);
    }

    public override void Write(Utf8JsonWriter writer, SharedBreakerState value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteNumber("format", value.Later?.Format ?? Format);
        writer.WriteString("breaker", value.Breaker);
        writer.WriteNumber("version", value.Version);
        writer.WriteString("state", value.State.ToString());
        writer.WriteString("mode", value.Mode?.ToString());
        writer.WriteString("cause", value.Cause.ToString());
        writer.WriteString("reason", value.Reason);
        writer.WriteString("instance", value.Instance);
        if (value.By is not null)
            writer.WriteString("by", value.By);
        writer.WriteString("length", value.Length?.ToString("c", CultureInfo.InvariantCulture));
        writer.WriteString("age", value.Age.ToString("c", CultureInfo.InvariantCulture));
        foreach (var (name, field) in value.Later?.Fields ?? [])
        {
            writer.WritePropertyName(name);
            field.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    static SharedBreakerState Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new JsonException("A state is not an object.");
        var word = Text(json, "state");
        var isKnown = TryName<BreakerState>(word, out var state);
        // An unknown mode leaves the mode to each instance's own options. An unknown cause does not give way to any automatic decision.
        var read = new SharedBreakerState
        {
            Breaker = Text(json, "breaker")!,
            Version = Number(json, "version"),
            State = isKnown ? state : BreakerState.Open,
            Mode = Text(json, "mode") is { } mode && TryName<BreakerMode>(mode, out var known) ? known : null,
            Cause = TryName<TransitionCause>(Text(json, "cause"), out var cause) ? cause : TransitionCause.Operator,
            Reason = Text(json, "reason") ?? "",
            Instance = Text(json, "instance")!,
            Length = Span(json, "length"),
            Age = Span(json, "age") ?? TimeSpan.Zero,
            By = Text(json, "by"),
            Later = UnknownFields.Of(json, FormatOf(json), Known),
        };
        return StateCheck.Problem(read) is { } problem ? throw new JsonException($"The state is not credible: {problem}.") : StateCheck.Bound(read);
    }

    /// <summary>The format that a state claims; this version's if the claim is missing or impossible.</summary>
    public static int FormatOf(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && Find(json, "format") is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var format)
            ? Math.Max(format, Format)
            : Format;

    /// <summary>A missing value means the first one, which version 1.0 leaves out.</summary>
    static bool TryName<T>(string? word, out T value) where T : struct, Enum
    {
        value = default;
        if (word is null)
            return true;
        // Not TryParse alone, because it accepts digits and lists of names.
        return Enum.TryParse(word, ignoreCase: true, out value) && string.Equals(value.ToString(), word, StringComparison.OrdinalIgnoreCase)
            && Enum.IsDefined(value);
    }

    static string? Text(JsonElement json, string name) => Find(json, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw new JsonException($"'{name}' of a state is not a string."),
    };

    static long Number(JsonElement json, string name) => Find(json, name) switch
    {
        null => 0,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var value) => value,
        _ => throw new JsonException($"'{name}' of a state is not a whole number."),
    };

    static TimeSpan? Span(JsonElement json, string name) =>
        Text(json, name) is not { } text ? null
        : TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var span) ? span
        : throw new JsonException($"'{name}' of a state is not a duration.");

    static JsonElement? Find(JsonElement json, string name) =>
        json.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null ? found : null;
}
