using MassTransit;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// Finds out whether the queue of a key can be deleted. Only its single active consumer can know that: what the broker counts does not include what it has
/// delivered.
/// </summary>
sealed class KeyQueueEnd(KeyQueues owner, string key, string queue)
{
    static readonly TimeSpan BetweenMarks = TimeSpan.FromSeconds(5);
    // For messages that other instances had on their way when the queue was closed.
    static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);
    // Others wait for longer than that before they make the queue anew.
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    long? _markedAt;

    /// <summary>Whether this instance is the one. If it has got nothing from the queue yet, it puts a mark there, to see whom it comes to.</summary>
    public async Task<bool> IsOursAsync(IConnection connection, KeyDeliveries deliveries, CancellationToken cancellationToken)
    {
        if (deliveries.IsActive)
            return true;
        if (_markedAt is not { } at || owner.Time.GetElapsedTime(at) >= BetweenMarks)
        {
            _markedAt = owner.Time.GetTimestamp();
            await MarkAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Closes the queue to what would come, lets what was on its way arrive, and sees whether that was nothing.</summary>
    public async Task<bool> IsEmptyAsync(IConnection connection, KeyDeliveries deliveries, CancellationToken cancellationToken)
    {
        var began = owner.Time.GetTimestamp();
        // Before it is closed, so that whoever moves messages there makes it anew, and only when this is over.
        await owner.Register.SayAsync(new KeyEntry(key, KeyEntryState.Closing, ""), cancellationToken).ConfigureAwait(false);
        await owner.Broker.CloseAsync(connection, queue, cancellationToken).ConfigureAwait(false);
        await Task.Delay(Settling, owner.Time, cancellationToken).ConfigureAwait(false);
        var mark = await MarkAsync(connection, cancellationToken).ConfigureAwait(false);
        while (!deliveries.IsEmptyBehind(mark))
        {
            if (!deliveries.IsEmpty || owner.Time.GetElapsedTime(began) > Longest)
                return false;
            await Task.Delay(Step, owner.Time, cancellationToken).ConfigureAwait(false);
        }

        return await KeyBroker.CountAsync(connection, queue, cancellationToken).ConfigureAwait(false) is { MessageCount: 0 }
            && owner.Time.GetElapsedTime(began) <= Longest;
    }

    async Task<string> MarkAsync(IConnection connection, CancellationToken cancellationToken)
    {
        var mark = NewId.NextGuid().ToString("N");
        await owner.Broker.MarkAsync(connection, queue, mark, cancellationToken).ConfigureAwait(false);
        return mark;
    }
}
