using System.Text;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq;

/// <summary>The version that a broker reported when a connection to it was opened; 0.0 if it reported none.</summary>
readonly record struct BrokerVersion(int Major, int Minor)
{
    /// <summary>
    /// Whether a nack with requeue keeps a message in its place and counts towards no delivery limit. Before this version, a nack counts like
    /// any other return, and moves the message in queues without a limit.
    /// </summary>
    public bool ReturnsFreely => this is { Major: > 4 } or { Major: 4, Minor: >= 3 };

    /// <summary>
    /// Whether a quorum queue whose consumer holds a message for too long cancels that consumer instead of having its channel closed, and
    /// continues to deliver to it. A classic queue does neither.
    /// </summary>
    public bool CancelsSlowConsumers => ReturnsFreely;

    /// <summary>The delivery limit of a quorum queue that has none by argument or policy.</summary>
    public long DefaultDeliveryLimit => Major >= 4 ? 20 : DeliveryLimit.None;

    public static BrokerVersion Of(IConnection? connection) =>
        connection?.ServerProperties?.TryGetValue("version", out var version) == true && version is byte[] text ? Parse(Encoding.UTF8.GetString(text)) : default;

    public static BrokerVersion Parse(string text)
    {
        var parts = text.Split('.', '-', '+');
        return parts.Length > 1 && int.TryParse(parts[0], out var major) && int.TryParse(parts[1], out var minor) ? new BrokerVersion(major, minor) : default;
    }
}
