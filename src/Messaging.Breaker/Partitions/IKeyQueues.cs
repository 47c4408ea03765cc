using MassTransit;

namespace Messaging.Breaker.Partitions;

/// <summary>
/// What a transport offers for the keys of one endpoint: a queue for each that is not closed, beside the endpoint's own, from which its messages
/// come to the same consumers when the key admits them.
/// </summary>
interface IKeyQueues
{
    /// <summary>The messages of the key go behind those that wait in its queue.</summary>
    bool Has(BreakerKey key);

    /// <summary>
    /// Waits while the key's queue, which was found empty, is about to go: its messages come from the endpoint's own queue again as soon as it has gone, and
    /// none overtakes another.
    /// </summary>
    ValueTask WaitForEndAsync(BreakerKey key, CancellationToken cancellationToken);

    /// <summary>The key in whose queue a message has waited; null if it comes from the endpoint's own.</summary>
    string? KeyOf(ReceiveContext delivery);

    /// <summary>
    /// Moves a delivered message to the end of its key's queue: confirmed, then acknowledged, and its delivery given up. A message that came from there
    /// goes back to its place.
    /// </summary>
    /// <returns>False if that is not possible now: the delivery is as it was.</returns>
    Task<bool> TryMoveAsync(ConsumeContext message, BreakerKey key, CancellationToken cancellationToken);
}
