namespace Messaging.Breaker;

/// <summary>What holds for all guarded endpoints of one bus. Set in code where the bus is configured; not thread-safe while being set.</summary>
public sealed class BusBreakerOptions
{
    int _assumedDeliveryLimit = 20;

    /// <summary>
    /// The delivery limit of queues that count deliveries (quorum queues) and declare none by <c>x-delivery-limit</c>, as when a policy
    /// sets it, which a client cannot see. A message that was delivered half as often is returned by publishing it anew to the end of its
    /// queue, since at the limit the broker would drop it. From 2; default 20, that of RabbitMQ 4.0 and later.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 2.</exception>
    public int AssumedDeliveryLimit
    {
        get => _assumedDeliveryLimit;
        set => _assumedDeliveryLimit = value >= 2 ? value : throw new ArgumentOutOfRangeException(
            nameof(value), value, $"{nameof(AssumedDeliveryLimit)} must be at least 2; declare a lower limit on the queue itself, by x-delivery-limit.");
    }
}
