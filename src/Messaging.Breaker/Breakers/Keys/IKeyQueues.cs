using MassTransit;

namespace Messaging.Breaker.Breakers.Keys;

/// <summary>
/// A transport's support for the keys of one endpoint: a separate queue for each key that is not closed, from which its messages go to the same
/// consumers when the key admits them.
/// </summary>
interface IKeyQueues
{
    /// <summary>Whether new messages of the key go to the end of its queue.</summary>
    bool Has(BreakerKey key);

    /// <summary>
    /// Waits while the key's queue, which was found empty, is being removed. After that, its messages come from the endpoint's own queue again,
    /// and none overtakes another.
    /// </summary>
    ValueTask WaitForEndAsync(BreakerKey key, CancellationToken cancellationToken);

    /// <summary>The key in whose queue a message waited; null if it comes from the endpoint's own queue.</summary>
    string? KeyOf(ReceiveContext delivery);

    /// <summary>The number of a delivery: an earlier one has a lower number.</summary>
    ulong PlaceOf(ReceiveContext delivery);

    /// <summary>Waits until all earlier deliveries have reached the endpoint's filters: several threads take them there.</summary>
    Task WaitForEarlierAsync(ReceiveContext delivery, CancellationToken cancellationToken);

    /// <summary>
    /// Moves a delivered message to the end of its key's queue: the copy is confirmed, the original acknowledged, and the delivery given up. A
    /// message that came from there goes back to its place.
    /// </summary>
    /// <returns>False if that is not possible now; the delivery is unchanged.</returns>
    Task<bool> TryMoveAsync(ConsumeContext message, BreakerKey key, CancellationToken cancellationToken);
}
