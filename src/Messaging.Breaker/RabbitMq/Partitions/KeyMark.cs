using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// A message without content that an instance puts at the end of a key's queue. It comes to whoever is the queue's single active consumer, behind
/// everything that was there: that one knows then that it is the one, and that nothing is on its way to it any more.
/// </summary>
static class KeyMark
{
    const string Header = "messaging-breaker-mark";

    public static BasicProperties Write(string mark) => new() { Headers = new Dictionary<string, object?> { [Header] = mark }, DeliveryMode = DeliveryModes.Persistent };

    /// <returns>Null for a message.</returns>
    public static string? TryRead(IReadOnlyBasicProperties properties) =>
        properties.Headers is { } headers && headers.TryGetValue(Header, out var value) && value is byte[] mark ? System.Text.Encoding.UTF8.GetString(mark) : null;
}
