using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Sharing;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.RabbitMq.Sharing;

/// <summary>The format of messages between the instances: JSON, which an operator can read in the broker's queues.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    AllowOutOfOrderMetadataProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters =
    [
        typeof(SharedStateConverter),
        typeof(ValidEntries<SharedBreakerState>),
        typeof(ValidEntries<LeaseProbe>),
        typeof(ValidEntries<Announce>),
        typeof(ValidEntries<KeptEntry>),
    ])]
[JsonSerializable(typeof(Command))]
[JsonSerializable(typeof(Answer))]
[JsonSerializable(typeof(Notice))]
[JsonSerializable(typeof(Snapshot))]
[JsonSerializable(typeof(SharedBreakerState))]
[JsonSerializable(typeof(LeaseProbe))]
[JsonSerializable(typeof(Announce))]
[JsonSerializable(typeof(KeptEntry))]
[JsonSerializable(typeof(ListsSnapshot))]
sealed partial class MessageFormat : JsonSerializerContext
{
    /// <summary>More than ten thousand breakers need.</summary>
    const int LargestMessage = 32 * 1024 * 1024;

    /// <returns>Null, and a line in the log, if it cannot be read: the fleet may have other versions of the library.</returns>
    public static T? Parse<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type, string source, ILogger log) where T : class
    {
        try
        {
            if (body.Length > LargestMessage)
                throw new JsonException($"It has {body.Length} bytes; the limit is {LargestMessage}.");
            SkippedEntries.Latest = null;
            var message = JsonSerializer.Deserialize(body.Span, type) ?? throw new JsonException("It is null.");
            if (SkippedEntries.Latest is { } problem)
                log.SharedMessageUnreadable(source, $"an entry is skipped: {problem}");
            return message;
        }
        catch (Exception exception)
        {
            log.SharedMessageUnreadable(source, exception.Message);
            return null;
        }
    }
}
