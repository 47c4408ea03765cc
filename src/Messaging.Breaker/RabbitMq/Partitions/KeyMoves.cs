using System.Globalization;
using MassTransit;
using MassTransit.RabbitMqTransport;
using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Diagnostics;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// Moves messages from the endpoint's queue to those of their keys: first published there, and acknowledged here only when no deletion of the
/// queue can lose them.
/// </summary>
sealed class KeyMoves(KeyQueues queues, Action<ReceiveContext> giveUp)
{
    static readonly TimeSpan LongestMove = TimeSpan.FromSeconds(20);

    readonly HashSet<string> _unmovable = [];

    public async Task<bool> TryMoveAsync(ConsumeContext message, BreakerKey key, CancellationToken cancellationToken)
    {
        var delivery = message.ReceiveContext;
        if (KeyQueues.TagOf(delivery) is not { } tag || !delivery.TryGetPayload(out ChannelContext? consuming) || queues.Consumption is not { IsOpen: true } consumption
            || queues.TryBeginMove(key) is not { } queue)
            return false;
        try
        {
            using var given = CancellationTokenSource.CreateLinkedTokenSource(consumption.Ended, cancellationToken);
            await MoveAsync(queue, consuming, message, tag, consumption.Ended, given.Token).ConfigureAwait(false);
            lock (_unmovable)
                _unmovable.Remove(key.Name);
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested && consuming.Channel.IsOpen)
                Say(key, exception);
            return false;
        }
        finally
        {
            queue.EndMove();
        }

        giveUp(delivery);
        return true;
    }

    async Task MoveAsync(KeyQueue queue, ChannelContext consuming, ConsumeContext message, ulong tag, CancellationToken ended, CancellationToken given)
    {
        using var longest = new CancellationTokenSource(LongestMove, queues.Time);
        using var after = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, ended);
        using var before = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, given);
        var connection = consuming.ConnectionContext.Connection;
        await queue.Declaration.DeclareAsync(connection, isMissing: false, before.Token).ConfigureAwait(false);
        if (!queues.Copies.AreSafe)
            await queue.Declaration.SettleAsync(before.Token).ConfigureAwait(false);
        await PublishAsync(queue, connection, message, before.Token, after.Token).ConfigureAwait(false);
        await consuming.BasicAck(tag, false, CancellationToken.None).ConfigureAwait(false);
    }

    /// <param name="queue">The target.</param>
    /// <param name="connection">The endpoint's connection.</param>
    /// <param name="message">The message.</param>
    /// <param name="before">Ends it while there is no copy.</param>
    /// <param name="after">Ends it when there may be a copy, so that the message comes twice.</param>
    async Task PublishAsync(KeyQueue queue, IConnection connection, ConsumeContext message, CancellationToken before, CancellationToken after)
    {
        var body = message.ReceiveContext.Body.GetBytes();
        queue.Parked.BeginMove();
        try
        {
            while (true)
            {
                var properties = PropertiesOf(message);
                if (queue.Declaration.NeedsCopies && !await queues.Copies.TryAddAsync(connection, queue.Name, properties, body, before).ConfigureAwait(false))
                    await queue.Declaration.SettleAsync(before).ConfigureAwait(false);
                if (await TryPublishAsync(queue, connection, properties, body, after).ConfigureAwait(false))
                    break;
                await queue.Declaration.DeclareAsync(connection, isMissing: true, before).ConfigureAwait(false);
            }
        }
        catch
        {
            queue.Parked.FailMove();
            throw;
        }

        queue.Parked.EndMove(body.Length, queues.Time.GetUtcNow());
    }

    /// <summary>
    /// Publishes, and reads the register up to now. If another instance announced earlier that it is about to delete the queue, it may miss the
    /// message; if it announces that later, it will see it.
    /// </summary>
    /// <returns>False if the queue does not exist.</returns>
    async Task<bool> TryPublishAsync(KeyQueue queue, IConnection connection, BasicProperties properties, byte[] body, CancellationToken cancellationToken)
    {
        var deletions = queue.Use.Deletions;
        if (!await queues.Broker.TryPublishAsync(connection, queue.Name, properties, body, cancellationToken).ConfigureAwait(false))
            return false;
        await queues.Register.SyncAsync(cancellationToken).ConfigureAwait(false);
        await queues.Closings.WaitAsync(queue.Key.Name, cancellationToken).ConfigureAwait(false);
        return queue.Use.Deletions == deletions;
    }

    /// <summary>The message's own properties, with the remaining time to its expiration.</summary>
    BasicProperties PropertiesOf(ConsumeContext message)
    {
        message.ReceiveContext.TryGetPayload(out RabbitMqBasicConsumeContext? delivery);
        var properties = DeliveryCounts.Without(delivery!.Properties);
        if (properties.IsExpirationPresent() && message.ExpirationTime is { } end)
            properties.Expiration = Math.Max(0, (long)(end.ToUniversalTime() - queues.Time.GetUtcNow().UtcDateTime).TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        return properties;
    }

    void Say(BreakerKey key, Exception exception)
    {
        lock (_unmovable)
            if (!_unmovable.Add(key.Name))
                return;
        queues.Log.KeyNotParked(queues.Endpoint, key.Name, Describe(exception));
    }

    string Describe(Exception exception) => exception switch
    {
        OperationInterruptedException { ShutdownReason.ReplyCode: Constants.AccessRefused } => $"{exception.Message}. The user of the bus needs permission to configure, write and read {queues.Names.All}",
        OperationCanceledException => $"the broker did not take them within {LongestMove.TotalSeconds:0} s",
        _ => exception.Message,
    };
}
