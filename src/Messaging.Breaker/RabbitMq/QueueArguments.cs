namespace Messaging.Breaker.RabbitMq;

/// <summary>The arguments by which a queue is declared, and the headers of a delivery, whose numbers come in many types.</summary>
static class QueueArguments
{
    public const string DeliveryLimit = "x-delivery-limit";
    public const string Type = "x-queue-type";

    public static long? Number(this IDictionary<string, object> arguments, string name) =>
        arguments.TryGetValue(name, out var value) ? Number(value) : null;

    public static long? Number(object? value) => value is IConvertible number and not string ? number.ToInt64(null) : null;

    /// <summary>Whether it is declared as a queue that counts deliveries; one that is not may still be made one by the virtual host's default.</summary>
    public static bool CountsDeliveries(this IDictionary<string, object> arguments) =>
        arguments.ContainsKey(DeliveryLimit) || (arguments.TryGetValue(Type, out var type) && type as string == "quorum");
}
