using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// A message without content that an instance puts at the end of a key's queue. It is delivered to the queue's single active consumer, behind
/// everything that was there. An instance that receives it knows that it is that consumer, and that no earlier message is still on its way.
/// </summary>
static class KeyMark
{
    const string Header = "messaging-breaker-mark";

    public static BasicProperties Write(string mark) => new() { Headers = new Dictionary<string, object?> { [Header] = mark }, DeliveryMode = DeliveryModes.Persistent };

    /// <returns>Null for an ordinary message.</returns>
    public static string? TryRead(IReadOnlyBasicProperties properties) =>
        properties.Headers is { } headers && headers.TryGetValue(Header, out var value) && value is byte[] mark ? System.Text.Encoding.UTF8.GetString(mark) : null;
}
