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

    public static bool IsOne(string header) => header is Returned or Acquired;
}
