using System.Diagnostics.CodeAnalysis;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// Declares and deletes the queues of an endpoint's keys, and publishes to them, on channels of its own: an error there does not cost the consumer's.
/// Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody waits for by its handle holds nothing.")]
sealed class KeyBroker(IDictionary<string, object> mainArguments, KeyNames names)
{
    // A queue without a limit puts what is returned to its end, before RabbitMQ 4.3; and neither returns nor a consumer's time-out are a message's fault.
    const int NoLimit = 1_000_000;

    // They would make it drop messages, or vanish.
    static readonly string[] NotTaken = ["x-max-length", "x-max-length-bytes", "x-overflow", "x-expires", "x-single-active-consumer", "x-queue-leader-locator"];

    static readonly CreateChannelOptions Confirmed = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    readonly SemaphoreSlim _opening = new(1);
    IChannel? _publishing;

    /// <summary>Makes the queue of a key, and lets messages come to it. Harmless where it is there.</summary>
    public async Task DeclareAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var closing = channel.ConfigureAwait(false);
        await channel.ExchangeDeclareAsync(names.Exchange, ExchangeType.Direct, durable: true, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, Arguments(), cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueBindAsync(queue, names.Exchange, queue, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many messages wait there, and how many consumers it has; null if the queue is not there.</summary>
    public static async Task<QueueDeclareOk?> CountAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var closing = channel.ConfigureAwait(false);
        try
        {
            return await channel.QueueDeclarePassiveAsync(queue, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    /// <summary>From here on no message comes to it any more: who publishes to it is told.</summary>
    public async Task CloseAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var closing = channel.ConfigureAwait(false);
        await channel.QueueUnbindAsync(queue, names.Exchange, queue, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts a mark at the end of the queue, past what lets messages come to it, and returns when the broker has it.</summary>
    public async Task MarkAsync(IConnection connection, string queue, string mark, CancellationToken cancellationToken)
    {
        var channel = await OpenAsync(connection, cancellationToken).ConfigureAwait(false);
        await channel.BasicPublishAsync("", queue, mandatory: true, KeyMark.Write(mark), default, cancellationToken).ConfigureAwait(false);
    }

    public static async Task DeleteAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var closing = channel.ConfigureAwait(false);
        await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Publishes a message to the queue of a key, and waits until the broker has it.</summary>
    /// <returns>False if there is no such queue.</returns>
    public async Task<bool> TryPublishAsync(IConnection connection, string queue, BasicProperties properties, byte[] body, CancellationToken cancellationToken)
    {
        try
        {
            var channel = await OpenAsync(connection, cancellationToken).ConfigureAwait(false);
            await channel.BasicPublishAsync(names.Exchange, queue, mandatory: true, properties, body, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PublishException exception) when (exception.IsReturn)
        {
            return false;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            // The exchange is gone, too.
            return false;
        }
    }

    Dictionary<string, object?> Arguments()
    {
        var arguments = mainArguments.Where(argument => !NotTaken.Contains(argument.Key)).ToDictionary(argument => argument.Key, argument => (object?)argument.Value);
        arguments["x-single-active-consumer"] = true;
        if (mainArguments.CountsDeliveries())
            arguments[QueueArguments.DeliveryLimit] = NoLimit;
        return arguments;
    }

    async Task<IChannel> OpenAsync(IConnection connection, CancellationToken cancellationToken)
    {
        if (_publishing is { IsOpen: true } open)
            return open;
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _publishing is { IsOpen: true } other ? other : _publishing = await connection.CreateChannelAsync(Confirmed, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }
}
