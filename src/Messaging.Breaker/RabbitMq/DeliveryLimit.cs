using MassTransit.RabbitMqTransport;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// How often a queue delivers a message again before it drops it: the smaller of an argument and a policy. Only the broker knows the policy. If
/// it cannot be asked, a limit is assumed that is safe for every message.
/// </summary>
/// <param name="queue">The endpoint's queue.</param>
/// <param name="assumed">The limit that the user declares; null if none.</param>
/// <param name="told">The limit that the broker reports; null while it is unknown.</param>
sealed class DeliveryLimit(ReceiveSettings queue, int? assumed, Func<long?> told)
{
    public const long None = long.MaxValue;

    /// <summary>With this limit, a message is renewed at its second return, which is safe for every limit that allows one return.</summary>
    public const int Safest = 2;

    /// <summary>Whether the limit is assumed: there may be none, or a higher one.</summary>
    public bool IsMadeUp => assumed is null && told() is null;

    long Value => told() ?? Math.Min(queue.QueueArguments.Number(QueueArguments.DeliveryLimit) is >= 0 and { } declared ? declared : None, assumed ?? Safest);

    /// <summary>Half the limit is left for what else counts: crashes and lost connections.</summary>
    /// <param name="deliveries">How often the message has been returned; null if its queue does not count, or it is new.</param>
    public bool IsHalfSpent(long? deliveries) => (deliveries ?? 0) >= Value / 2;
}
