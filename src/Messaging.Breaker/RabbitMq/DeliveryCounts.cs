using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq;

/// <summary>The headers by which a quorum queue counts the deliveries of a message. They are the broker's, and not part of the message that was sent.</summary>
static class DeliveryCounts
{
    const string Returned = "x-delivery-count";
    const string Acquired = "x-acquired-count";

    /// <summary>How often a message has been returned; null if its queue does not count, or it is new.</summary>
    public static long? Of(IReadOnlyBasicProperties? properties) =>
        properties?.Headers?.TryGetValue(Returned, out var count) == true ? QueueArguments.Number(count) : null;

    /// <summary>What a copy of a message is published with. With the broker's own counts it would be another message than the one that was sent.</summary>
    public static BasicProperties Without(IReadOnlyBasicProperties of)
    {
        var properties = new BasicProperties(of);
        if (properties.Headers is { } headers && headers.Keys.Any(IsOne))
            properties.Headers = headers.Where(header => !IsOne(header.Key)).ToDictionary();
        return properties;
    }

    public static bool IsOne(string header) => header is Returned or Acquired;
}
