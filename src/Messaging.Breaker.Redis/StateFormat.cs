using System.Text.Json;
using System.Text.Json.Serialization;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Redis;

/// <summary>How a state is written: JSON, with enumerations by name, so that people and later versions can read it.</summary>
static partial class StateFormat
{
    public static string Write(SharedBreakerState state) => JsonSerializer.Serialize(state with { Age = TimeSpan.Zero }, Json.Default.SharedBreakerState);

    /// <returns>Null if it is unreadable or not credible.</returns>
    public static SharedBreakerState? Read(string? state)
    {
        try
        {
            return state is null ? null : JsonSerializer.Deserialize(state, Json.Default.SharedBreakerState);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether a later version of the library wrote it, for which the unreadable part may have a meaning.</summary>
    public static bool IsOfLaterVersion(string? state)
    {
        try
        {
            using var document = JsonDocument.Parse(state ?? "");
            return SharedStateConverter.FormatOf(document.RootElement) > SharedStateConverter.Format;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [JsonSourceGenerationOptions(Converters = [typeof(SharedStateConverter)])]
    [JsonSerializable(typeof(SharedBreakerState))]
    sealed partial class Json : JsonSerializerContext;
}
