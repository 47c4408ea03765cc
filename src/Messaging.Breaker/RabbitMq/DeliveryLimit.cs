using MassTransit.RabbitMqTransport;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// How often a queue delivers a message again before it drops it: the smaller of an argument and a policy, and only the broker knows the
/// policy. Where it cannot be asked, a limit is assumed that no message meets.
/// </summary>
/// <param name="queue">The endpoint's queue.</param>
/// <param name="assumed">What the user says of it; null if nothing.</param>
/// <param name="told">What the broker says of it; null while nothing is known.</param>
sealed class DeliveryLimit(ReceiveSettings queue, int? assumed, Func<long?> told)
{
    public const long None = long.MaxValue;

    /// <summary>By this a message is renewed with its second return, and is safe from every limit that allows one.</summary>
    public const int Safest = 2;

    /// <summary>Whether the limit was made up, though there may be none, or a higher one.</summary>
    public bool IsMadeUp => assumed is null && told() is null;

    long Value => told() ?? Math.Min(queue.QueueArguments.Number(QueueArguments.DeliveryLimit) is >= 0 and { } declared ? declared : None, assumed ?? Safest);

    /// <summary>Half the limit is left to what counts as well and is not ours: crashes and lost connections.</summary>
    /// <param name="deliveries">How often the message has been returned; null if its queue does not count, or it is new.</param>
    public bool IsHalfSpent(long? deliveries) => (deliveries ?? 0) >= Value / 2;
}
