using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>How messages between the instances are written: JSON, which an operator can read in the broker's queues.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Command))]
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(Notice))]
[JsonSerializable(typeof(Snapshot))]
sealed partial class MessageFormat : JsonSerializerContext
{
    /// <returns>Null, and a line in the log, if it cannot be read: other versions of the library may be in the same fleet.</returns>
    public static T? Parse<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type, string source, ILogger log) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, type) ?? throw new JsonException("It is null.");
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            log.SharedMessageUnreadable(source, exception.Message);
            return null;
        }
    }
}
