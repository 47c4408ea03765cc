using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using SampleWorkers.Transport;
using BrokerUnreachableException = SampleWorkers.Transport.BrokerUnreachableException;

namespace SampleWorkers.Drill;

/// <summary>
/// Reads queues over AMQP on a connection of its own: what the broker says, at once and without a plugin. A connection that is lost is opened
/// again: a drill survives its broker, to say what that has cost.
/// </summary>
sealed class BrokerQueues(BrokerAddress broker) : IAsyncDisposable
{
    static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    readonly SemaphoreSlim _one = new(1);
    IConnection? _connection;
    IChannel? _channel;

    /// <exception cref="BrokerUnreachableException">There is no broker, or it refused us.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken) =>
        _connection = await BrokerConnection.OpenAsync(broker, cancellationToken);

    /// <exception cref="BrokerUnreachableException">The broker was lost, and has not come back in time.</exception>
    public Task BindFanoutAsync(string exchange, string queue, TimeSpan patience, CancellationToken cancellationToken) => PersistAsync(
        async channel =>
        {
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellationToken);
            await channel.QueueBindAsync(queue, exchange, "", cancellationToken: cancellationToken);
            return true;
        },
        false,
        patience,
        cancellationToken);

    /// <summary>Ready messages and consumers, of no queue none; null if the broker does not tell now.</summary>
    public async Task<QueueReading?> TryReadAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            return await UseAsync(channel => ReadAsync(channel, queue, cancellationToken), default, cancellationToken);
        }
        catch (Exception exception) when (IsLoss(exception))
        {
            return null;
        }
    }

    /// <summary>As above, however long the broker takes.</summary>
    /// <exception cref="BrokerUnreachableException">The broker was lost, and has not come back in time.</exception>
    public Task<QueueReading> ReadAsync(string queue, TimeSpan patience, CancellationToken cancellationToken) =>
        PersistAsync(channel => ReadAsync(channel, queue, cancellationToken), default, patience, cancellationToken);

    /// <summary>
    /// The message ids, which are the orders', of every message in a queue. They stay unacknowledged: a connection that is lost meanwhile puts
    /// them back, and takes none with it.
    /// </summary>
    /// <exception cref="BrokerUnreachableException">The broker was lost, and has not come back in time.</exception>
    public Task<IReadOnlyCollection<Guid>> CollectOrdersAsync(string queue, TimeSpan patience, CancellationToken cancellationToken) =>
        PersistAsync<IReadOnlyCollection<Guid>>(
            async channel =>
            {
                var orders = new List<Guid>();
                while (await channel.BasicGetAsync(queue, autoAck: false, cancellationToken) is { } message)
                    orders.Add(Guid.TryParse(message.BasicProperties.MessageId, out var order) ? order : Guid.Empty);
                return orders;
            },
            [],
            patience,
            cancellationToken);

    /// <summary>The queue and the exchange of that name, if there are such.</summary>
    /// <exception cref="BrokerUnreachableException">The broker was lost, and has not come back in time.</exception>
    public Task DeleteAsync(string name, TimeSpan patience, CancellationToken cancellationToken) => PersistAsync(
        async channel =>
        {
            await channel.QueueDeleteAsync(name, cancellationToken: cancellationToken);
            await channel.ExchangeDeleteAsync(name, cancellationToken: cancellationToken);
            return true;
        },
        false,
        patience,
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _one.Dispose();
    }

    static async Task<QueueReading> ReadAsync(IChannel channel, string queue, CancellationToken cancellationToken)
    {
        var declared = await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
        return new QueueReading(declared.MessageCount, declared.ConsumerCount);
    }

    async Task<T> PersistAsync<T>(Func<IChannel, Task<T>> use, T ofNone, TimeSpan patience, CancellationToken cancellationToken)
    {
        var deadline = DateTimeOffset.UtcNow + patience;
        while (true)
        {
            try
            {
                return await UseAsync(use, ofNone, cancellationToken);
            }
            catch (Exception exception) when (IsLoss(exception))
            {
                if (DateTimeOffset.UtcNow > deadline)
                    throw exception as BrokerUnreachableException ?? new BrokerUnreachableException(broker, exception.Message, exception);
            }

            await Task.Delay(RetryDelay, cancellationToken);
        }
    }

    /// <summary>One at a time on one channel. The broker closes it when a queue does not exist, which is an answer, not an error.</summary>
    /// <param name="ofNone">That answer.</param>
    async Task<T> UseAsync<T>(Func<IChannel, Task<T>> use, T ofNone, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_connection is not { IsOpen: true })
            {
                await CloseAsync();
                await ConnectAsync(cancellationToken);
            }

            if (_channel is not { IsOpen: true })
                _channel = await _connection!.CreateChannelAsync(cancellationToken: cancellationToken);
            return await use(_channel);
        }
        catch (OperationInterruptedException exception) when (SaysNone(exception.ShutdownReason))
        {
            return ofNone;
        }
        finally
        {
            _one.Release();
        }
    }

    async Task CloseAsync()
    {
        if (_channel is not null)
            await _channel.DisposeAsync();
        if (_connection is not null)
            await _connection.DisposeAsync();
        (_channel, _connection) = (null, null);
    }

    /// <summary>A queue whose node is down is not found, either, but that is not "no queue".</summary>
    static bool SaysNone(ShutdownEventArgs? reason) =>
        reason is { ReplyCode: Constants.NotFound } && reason.ReplyText.Contains("- no ", StringComparison.Ordinal);

    static bool IsLoss(Exception exception) =>
        exception is BrokerUnreachableException or RabbitMQClientException or IOException or TimeoutException or ObjectDisposedException;
}
