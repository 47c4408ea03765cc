using System.Text.Json.Serialization;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>What the broker reports about a queue.</summary>
public sealed record QueueFigures(long Ready, long Unacknowledged, int Consumers);

/// <summary>What the broker reports about one consumer of a queue.</summary>
public sealed record ConsumerFigures(
    [property: JsonPropertyName("queue_name")] string Queue,
    [property: JsonPropertyName("consumer_tag")] string Tag,
    [property: JsonPropertyName("prefetch_count")] int Prefetch);
