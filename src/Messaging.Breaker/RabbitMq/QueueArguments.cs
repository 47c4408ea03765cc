namespace Messaging.Breaker.RabbitMq;

/// <summary>The arguments of a queue's declaration, and the headers of a delivery, whose numbers have various types.</summary>
static class QueueArguments
{
    public const string DeliveryLimit = "x-delivery-limit";
    public const string SingleActiveConsumer = "x-single-active-consumer";
    public const string Type = "x-queue-type";

    public static long? Number(this IDictionary<string, object> arguments, string name) =>
        arguments.TryGetValue(name, out var value) ? Number(value) : null;

    public static long? Number(object? value) => value is IConvertible number and not string ? number.ToInt64(null) : null;

    /// <summary>Whether it is declared as a queue that counts deliveries. If not, the virtual host's default may still make it one.</summary>
    public static bool CountsDeliveries(this IDictionary<string, object> arguments) => arguments.ContainsKey(DeliveryLimit) || arguments.IsQuorum();

    public static bool IsClassic(this IDictionary<string, object> arguments) => arguments.TryGetValue(Type, out var type) && type as string == "classic";

    public static bool IsQuorum(this IDictionary<string, object> arguments) => arguments.TryGetValue(Type, out var type) && type as string == "quorum";
}
