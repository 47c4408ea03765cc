using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Diagnostics;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>Counts the messages that wait in the queue of a key, and reports when messages leave it that no instance let through.</summary>
sealed class KeyQueueCount(KeyQueues owner, BreakerKey key, string queue, ParkedMessages parked)
{
    long? _countedAt;
    long? _held;

    public bool IsDue(TimeSpan interval) => _countedAt is not { } at || owner.Time.GetElapsedTime(at) >= interval;

    /// <summary>
    /// Counts the waiting messages, including those that were delivered and wait in this process. A queue that does not exist has none.
    /// </summary>
    /// <param name="connection">The endpoint's connection.</param>
    /// <param name="deliveries">What was delivered to this instance; null without a consumer.</param>
    /// <param name="isHeld">Whether no message is let through, so that no instance makes one leave.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How many wait at the broker.</returns>
    public async Task<long> CountAsync(IConnection connection, KeyDeliveries? deliveries, bool isHeld, CancellationToken cancellationToken)
    {
        _countedAt = owner.Time.GetTimestamp();
        var (began, moved) = (owner.Time.GetUtcNow(), parked.Moved);
        var found = await KeyBroker.CountAsync(connection, queue, cancellationToken).ConfigureAwait(false);
        var ready = found?.MessageCount ?? 0;
        var count = ready + (deliveries?.Waiting ?? 0);
        if (isHeld && found is not null && _held - count is > 0 and var gone)
            owner.Log.KeyMessagesGone(owner.Endpoint, gone, queue, key.Name);
        // Another instance that has some of the messages may see that the key has closed before this one does.
        _held = isHeld && (found?.ConsumerCount == 0 || deliveries is { IsActive: true }) ? count : null;
        parked.Count(count, deliveries?.UnderWay ?? 0, moved, isEmpty: ready == 0 && deliveries is { IsActive: true, IsEmpty: true }, began);
        return ready;
    }
}
