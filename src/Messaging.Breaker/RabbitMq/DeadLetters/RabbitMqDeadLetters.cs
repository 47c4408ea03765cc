using Messaging.Breaker.DeadLetters;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>
/// The dead letters of one broker. Each session has its own connection: it may hold thousands of messages, and an error on it must not close
/// the bus's channels.
/// </summary>
sealed class RabbitMqDeadLetters(BrokerAccess access, DeliveryLimits limits, BusBreakerOptions options, TimeProvider time) : IDeadLetterBroker
{
    /// <summary>An instance that holds the exclusive queue of this name keeps the others out. The queue goes with its connection.</summary>
    const string LockPrefix = "messaging-breaker.dead-letters.";

    /// <summary>A look is short, so a second one waits this long.</summary>
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    public async Task<IDeadLetterSession?> OpenAsync(string queue, CancellationToken cancellationToken)
    {
        var broker = new BrokerErrors(access.Description, queue);
        var (connection, virtualHost) = await broker.DoAsync(() => ConnectAsync(queue, cancellationToken), cancellationToken).ConfigureAwait(false);
        try
        {
            await broker.DoAsync(() => LockAsync(connection, queue, cancellationToken), cancellationToken).ConfigureAwait(false);
            var reading = await broker.DoAsync(() => connection.CreateChannelAsync(cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false);
            var found = await broker.DoAsync(() => TryFindAsync(reading, queue, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (found is null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                return null;
            }

            return new Session(new SessionSetup
            {
                Connection = connection,
                Reading = reading,
                Queue = queue,
                VirtualHost = virtualHost,
                Found = found.MessageCount,
                Consumers = (int)found.ConsumerCount,
                HalfLimit = HalfLimitOf(queue),
                Broker = broker,
                Time = time,
            });
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    async Task<(IConnection Connection, string VirtualHost)> ConnectAsync(string queue, CancellationToken cancellationToken)
    {
        var connection = await access.ConnectAsync($"Messaging.Breaker dead letters of {queue}", cancellationToken).ConfigureAwait(false);
        return (connection, (await access.PrepareAsync().ConfigureAwait(false)).VirtualHost);
    }

    async Task LockAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        for (var began = time.GetTimestamp(); ;)
        {
            var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            await using var closing = channel.ConfigureAwait(false);
            try
            {
                await channel.QueueDeclareAsync(
                    LockPrefix + queue,
                    durable: false,
                    exclusive: true,
                    autoDelete: false,
                    new Dictionary<string, object?> { [QueueArguments.Type] = "classic" },
                    cancellationToken: cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.AccessRefused)
            {
                // Without the permission to declare it, the session continues without: the broker delivers each message to only one of them.
                return;
            }
            catch (OperationInterruptedException exception) when (
                exception.ShutdownReason?.ReplyCode == Constants.ResourceLocked && time.GetElapsedTime(began) < LongestWait)
            {
                await Task.Delay(Step, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    static async Task<QueueDeclareOk?> TryFindAsync(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        try
        {
            return await channel.QueueDeclarePassiveAsync(queue, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    /// <summary>After this many returns a message is published again. If the limit is unknown, the worst case is assumed.</summary>
    long HalfLimitOf(string queue) => (limits.Find(access.Description, queue) ?? options.AssumedDeliveryLimit ?? DeliveryLimit.Safest) / 2;
}
