using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// The headers in which a quorum queue counts the deliveries of a message. The broker adds them; they are not part of the sent message.
/// </summary>
static class DeliveryCounts
{
    const string Returned = "x-delivery-count";
    const string Acquired = "x-acquired-count";

    /// <summary>How often a message has been returned; null if its queue does not count, or it is new.</summary>
    public static long? Of(IReadOnlyBasicProperties? properties) =>
        properties?.Headers?.TryGetValue(Returned, out var count) == true ? QueueArguments.Number(count) : null;

    /// <summary>The headers of a copy. With the broker's counts it would not be the message that was sent.</summary>
    public static BasicProperties Without(IReadOnlyBasicProperties of)
    {
        var properties = new BasicProperties(of);
        if (properties.Headers is { } headers && headers.Keys.Any(IsOne))
            properties.Headers = headers.Where(header => !IsOne(header.Key)).ToDictionary();
        return properties;
    }

    public static bool IsOne(string header) => header is Returned or Acquired;
}
