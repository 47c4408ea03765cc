using System.Text.Json;
using System.Text.Json.Serialization;

namespace Messaging.Breaker.Redis;

/// <summary>How a state is written: JSON, with names for the enumerations, so that it can be read by people and by later versions.</summary>
static partial class StateFormat
{
    public static string Write(SharedBreakerState state) => JsonSerializer.Serialize(state with { Age = TimeSpan.Zero }, Json.Default.SharedBreakerState);

    public static SharedBreakerState Read(string state) => JsonSerializer.Deserialize(state, Json.Default.SharedBreakerState)!;

    [JsonSourceGenerationOptions(
        UseStringEnumConverter = true,
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonSerializable(typeof(SharedBreakerState))]
    sealed partial class Json : JsonSerializerContext;
}
