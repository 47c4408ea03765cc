using Messaging.Breaker.Primitives;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>
/// Declares and deletes the queues of an endpoint's keys, and publishes to them, on its own channels: an error there does not close the
/// consumer's. Thread-safe.
/// </summary>
sealed class KeyBroker(IDictionary<string, object> mainArguments, KeyNames names)
{
    // Before RabbitMQ 4.3, a queue without a limit puts returned messages at its end. Returns and a consumer's timeout are not a message's
    // fault.
    const int NoLimit = 1_000_000;

    // In milliseconds; a month at most.
    const int NoTimeout = int.MaxValue;

    // They would make the queue drop messages, or disappear.
    static readonly string[] NotTaken = ["x-max-length", "x-max-length-bytes", "x-overflow", "x-expires", QueueArguments.SingleActiveConsumer, "x-queue-leader-locator"];

    static readonly CreateChannelOptions Confirmed = new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true);

    readonly AsyncLock _opening = new();
    IChannel? _publishing;

    /// <summary>Declares the queue of a key and binds it. Harmless if it exists, whatever its arguments.</summary>
    public async Task DeclareAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        var isThere = await CountAsync(connection, queue, cancellationToken).ConfigureAwait(false) is not null;
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var closing = channel.ConfigureAwait(false);
        await channel.ExchangeDeclareAsync(names.Exchange, ExchangeType.Direct, durable: true, autoDelete: false, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!isThere)
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, Arguments(connection), cancellationToken: cancellationToken).ConfigureAwait(false);
        await channel.QueueBindAsync(queue, names.Exchange, queue, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Declares a queue of the same type whose messages expire. Harmless if it exists.</summary>
    public async Task DeclareCopiesAsync(IConnection connection, TimeSpan timeToLive, CancellationToken cancellationToken)
    {
        var arguments = Arguments(connection);
        arguments.Remove(QueueArguments.SingleActiveConsumer);
        arguments["x-message-ttl"] = (int)timeToLive.TotalMilliseconds;
        var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var closing = channel.ConfigureAwait(false);
        await channel.QueueDeclareAsync(names.Copies, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How many messages wait there, and how many consumers it has; null if the queue does not exist.</summary>
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

    /// <summary>Puts a mark at the end of the queue, and returns when the broker has confirmed it.</summary>
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

    /// <summary>Publishes a message to the queue of a key, and waits until the broker has confirmed it.</summary>
    /// <returns>False if there is no such queue.</returns>
    public Task<bool> TryPublishAsync(IConnection connection, string queue, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        TryPublishAsync(connection, names.Exchange, queue, properties, body, cancellationToken);

    /// <inheritdoc cref="TryPublishAsync(IConnection, string, BasicProperties, ReadOnlyMemory{byte}, CancellationToken)"/>
    public Task<bool> TryPublishCopyAsync(IConnection connection, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        TryPublishAsync(connection, "", names.Copies, properties, body, cancellationToken);

    async Task<bool> TryPublishAsync(
        IConnection connection, string exchange, string routingKey, BasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            var channel = await OpenAsync(connection, cancellationToken).ConfigureAwait(false);
            await channel.BasicPublishAsync(exchange, routingKey, mandatory: true, properties, body, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PublishException exception) when (exception.IsReturn)
        {
            return false;
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            // The exchange is gone too.
            return false;
        }
    }

    /// <summary>Whether the broker treats a consumer that holds a message for long as hung.</summary>
    public bool LimitsHolding(IConnection connection) =>
        !BrokerVersion.Of(connection).CancelsSlowConsumers || !(mainArguments.IsQuorum() || mainArguments.IsClassic());

    Dictionary<string, object?> Arguments(IConnection connection)
    {
        var arguments = mainArguments.Where(argument => !NotTaken.Contains(argument.Key)).ToDictionary(argument => argument.Key, argument => (object?)argument.Value);
        arguments[QueueArguments.SingleActiveConsumer] = true;
        if (mainArguments.CountsDeliveries())
            arguments[QueueArguments.DeliveryLimit] = NoLimit;
        if (mainArguments.IsQuorum() && BrokerVersion.Of(connection).CancelsSlowConsumers)
            arguments["x-consumer-timeout"] = NoTimeout;
        return arguments;
    }

    async Task<IChannel> OpenAsync(IConnection connection, CancellationToken cancellationToken)
    {
        if (_publishing is { IsOpen: true } open)
            return open;
        using var held = await _opening.EnterAsync(cancellationToken).ConfigureAwait(false);
        return _publishing is { IsOpen: true } other ? other : _publishing = await connection.CreateChannelAsync(Confirmed, cancellationToken).ConfigureAwait(false);
    }
}
