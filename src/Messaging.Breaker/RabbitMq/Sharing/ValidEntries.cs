using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>Reads a list without its unreadable entries: one bad entry must not affect the others.</summary>
sealed class ValidEntries<T> : JsonConverter<IReadOnlyList<T>> where T : class
{
    public override IReadOnlyList<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw new JsonException("It is not a list.");
        var type = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        var entries = new List<T>(document.RootElement.GetArrayLength());
        foreach (var element in document.RootElement.EnumerateArray())
        {
            try
            {
                entries.Add(element.Deserialize(type) ?? throw new JsonException("An entry is null."));
            }
            catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
            {
                SkippedEntries.Latest ??= exception.Message;
            }
        }

        return entries;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<T> value, JsonSerializerOptions options)
    {
        var type = (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
        writer.WriteStartArray();
        foreach (var entry in value)
            JsonSerializer.Serialize(writer, entry, type);
        writer.WriteEndArray();
    }
}

/// <summary>A converter has no log: skipped entries are kept here for the code that parses, on the same thread.</summary>
static class SkippedEntries
{
    [ThreadStatic]
    public static string? Latest;
}
