using System.Text;
using Messaging.Breaker.Diagnostics;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// Copies of the messages that were moved to a queue which a crash of the broker may still forget. They are in one queue that has existed for
/// long. So the messages need not keep their places at the endpoint until the new queue is permanent. Thread-safe.
/// </summary>
sealed class KeyCopies(KeyQueues owner)
{
    const string QueueHeader = "messaging-breaker-queue";

    // Longer than a broker takes to come back and instances take to notice.
    static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    long _since;

    /// <summary>Whether the queue of the copies survives a crash.</summary>
    public bool AreSafe => Volatile.Read(ref _since) is var since && since != 0 && owner.Time.GetElapsedTime(since) >= KeyQueues.Settling;

    /// <returns>False if a copy would not be safe now.</returns>
    public async Task<bool> TryAddAsync(IConnection connection, string queue, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (!AreSafe)
            return false;
        var copy = new BasicProperties(properties) { Headers = new Dictionary<string, object?>(properties.Headers ?? new Dictionary<string, object?>()) { [QueueHeader] = queue } };
        if (await owner.Broker.TryPublishCopyAsync(connection, copy, body, cancellationToken).ConfigureAwait(false))
            return true;
        Volatile.Write(ref _since, 0);
        return false;
    }

    /// <summary>
    /// Called before anything else is declared, because the broker may have crashed: puts the copies of messages for queues that it has
    /// forgotten there again. For a quorum queue that was forgotten, the broker knows the name and creates a new, empty one.
    /// </summary>
    /// <param name="connection">The endpoint's connection.</param>
    /// <param name="queues">The queues that may have been forgotten.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RestoreAsync(IConnection connection, IEnumerable<KeyQueue> queues, CancellationToken cancellationToken)
    {
        var forgotten = new Dictionary<string, KeyQueue>(StringComparer.Ordinal);
        foreach (var queue in queues)
            // A queue that is about to be deleted is empty, so nothing is missing.
            if (owner.Closings.Since(queue.Key.Name) is null && await KeyBroker.CountAsync(connection, queue.Name, cancellationToken).ConfigureAwait(false) is null or { MessageCount: 0 })
                forgotten[queue.Name] = queue;
        if (forgotten.Count > 0)
            await RestoreAsync(connection, forgotten, cancellationToken).ConfigureAwait(false);
        var isThere = await KeyBroker.CountAsync(connection, owner.Names.Copies, cancellationToken).ConfigureAwait(false) is not null;
        if (isThere && Volatile.Read(ref _since) != 0)
            return;
        await owner.Broker.DeclareCopiesAsync(connection, Kept, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _since, owner.Time.GetTimestamp());
    }

    async Task RestoreAsync(IConnection connection, Dictionary<string, KeyQueue> forgotten, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var closing = channel.ConfigureAwait(false);
        // All copies first: another instance that does the same must find none once one of the queues exists again.
        var copies = await TakeAsync(channel, cancellationToken).ConfigureAwait(false);
        foreach (var queue in forgotten.Values)
        {
            await DeleteIfDeadAsync(connection, queue, cancellationToken).ConfigureAwait(false);
            await queue.Declaration.DeclareAsync(connection, isMissing: true, cancellationToken).ConfigureAwait(false);
            var restored = 0;
            foreach (var copy in copies.Where(copy => QueueOf(copy) == queue.Name))
            {
                var properties = new BasicProperties(copy.BasicProperties);
                properties.Headers!.Remove(QueueHeader);
                // Then nothing is acknowledged, and all copies stay.
                if (!await owner.Broker.TryPublishAsync(connection, queue.Name, properties, copy.Body, cancellationToken).ConfigureAwait(false))
                    throw new IOException($"queue '{queue.Name}' disappeared right after it was declared");
                restored++;
            }

            owner.Log.KeyQueueForgotten(owner.Endpoint, queue.Name, queue.Key.Name, restored);
        }

        if (copies.Count > 0)
            await channel.BasicAckAsync(copies[^1].DeliveryTag, multiple: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// After a crash a new quorum queue may exist without a leader: it seems empty, and takes nothing for ever. It can be deleted, because each of its
    /// messages has a copy.
    /// </summary>
    static async Task DeleteIfDeadAsync(IConnection connection, KeyQueue queue, CancellationToken cancellationToken)
    {
        if (await KeyBroker.CountAsync(connection, queue.Name, cancellationToken).ConfigureAwait(false) is null)
            return;
        try
        {
            await queue.AwaitAnswerAsync(connection, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await KeyBroker.DeleteAsync(connection, queue.Name, cancellationToken).ConfigureAwait(false);
        }
    }

    async Task<List<BasicGetResult>> TakeAsync(IChannel channel, CancellationToken cancellationToken)
    {
        var copies = new List<BasicGetResult>();
        try
        {
            while (await channel.BasicGetAsync(owner.Names.Copies, autoAck: false, cancellationToken).ConfigureAwait(false) is { } copy)
                copies.Add(copy);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            // The broker has forgotten this one too; nothing has been added yet.
        }

        return copies;
    }

    static string? QueueOf(BasicGetResult copy) =>
        copy.BasicProperties.Headers?.TryGetValue(QueueHeader, out var queue) == true && queue is byte[] name ? Encoding.UTF8.GetString(name) : null;
}
