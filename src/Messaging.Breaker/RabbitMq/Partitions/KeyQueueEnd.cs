using MassTransit;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// Finds out whether the queue of a key can be deleted. Only its single active consumer can know that: the broker's count does not include what
/// it has delivered.
/// </summary>
sealed class KeyQueueEnd(KeyQueues owner, string key, string queue)
{
    static readonly TimeSpan BetweenMarks = TimeSpan.FromSeconds(5);
    // Other instances wait longer than this before they use the queue again.
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(10);

    long? _markedAt;
    IConnection? _answered;

    /// <summary>
    /// Returns when the queue has accepted a mark, once for each connection. After a crash of the broker, a quorum queue may exist without a
    /// leader, and its consumer then waits for half a minute, on the endpoint's channel and with all pending acknowledgements.
    /// </summary>
    /// <exception cref="TimeoutException">It has not accepted the mark.</exception>
    public async Task AwaitAnswerAsync(IConnection connection, CancellationToken cancellationToken)
    {
        if (_answered == connection)
            return;
        _markedAt = owner.Time.GetTimestamp();
        await MarkAsync(connection, cancellationToken).WaitAsync(LongestAnswer, owner.Time, cancellationToken).ConfigureAwait(false);
        _answered = connection;
    }

    /// <summary>
    /// Whether this instance is the active consumer. If the queue has delivered nothing yet, it puts a mark there, to see who gets it.
    /// </summary>
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

    /// <summary>
    /// Announces that the queue is about to be deleted, and checks whether any message came before that. An instance that moved a message there
    /// and read the announcement afterwards waits for the result; one that read the register up to here before has moved its message in front
    /// of the mark.
    /// </summary>
    public async Task<bool> IsEmptyAsync(IConnection connection, KeyDeliveries deliveries, CancellationToken cancellationToken)
    {
        var began = owner.Time.GetTimestamp();
        await owner.Register.SayAsync(new KeyEntry(key, KeyEntryState.Closing, ""), cancellationToken).ConfigureAwait(false);
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
