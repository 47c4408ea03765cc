using System.Collections.Concurrent;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using SampleWorkers.Transport;
using BrokerUnreachableException = SampleWorkers.Transport.BrokerUnreachableException;

namespace SampleWorkers.Drill;

/// <summary>
/// Reads queues over AMQP on its own connection: what the broker says, at once and without a plugin. A lost connection is reopened, because a drill
/// outlives its broker to report what the loss has cost.
/// </summary>
sealed class BrokerQueues(BrokerAddress broker) : IAsyncDisposable
{
    static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan LongestDelivery = TimeSpan.FromSeconds(20);

    readonly SemaphoreSlim _one = new(1);
    IConnection? _connection;
    IChannel? _channel;

    /// <exception cref="BrokerUnreachableException">There is no broker, or it refused us.</exception>
    public async Task ConnectAsync(CancellationToken cancellationToken) =>
        _connection = await BrokerConnection.OpenAsync(broker, cancellationToken);

    /// <exception cref="BrokerUnreachableException">The broker was lost and has not come back in time.</exception>
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

    /// <summary>Ready messages and consumers, zero if the queue does not exist; null if the broker does not answer now.</summary>
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

    /// <summary>Like <see cref="TryReadAsync"/>, but waits for a broker that does not answer.</summary>
    /// <exception cref="BrokerUnreachableException">The broker was lost and has not come back in time.</exception>
    public Task<QueueReading> ReadAsync(string queue, TimeSpan patience, CancellationToken cancellationToken) =>
        PersistAsync(channel => ReadAsync(channel, queue, cancellationToken), default, patience, cancellationToken);

    /// <summary>
    /// The ids of all messages in a queue, which are the ids of their orders. The messages stay unacknowledged, so a lost connection puts them back
    /// and loses none.
    /// </summary>
    /// <exception cref="BrokerUnreachableException">The broker was lost and has not come back in time.</exception>
    public Task<IReadOnlyCollection<Guid>> CollectOrdersAsync(string queue, TimeSpan patience, CancellationToken cancellationToken) =>
        PersistAsync<IReadOnlyCollection<Guid>>(
            async channel =>
            {
                var waiting = (await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).MessageCount;
                var orders = new ConcurrentQueue<Guid>();
                var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                // Not by basic.get: a quorum queue with a single active consumer refuses it.
                var consumer = new AsyncEventingBasicConsumer(channel);
                consumer.ReceivedAsync += (_, message) =>
                {
                    orders.Enqueue(Guid.TryParse(message.BasicProperties.MessageId, out var order) ? order : Guid.Empty);
                    if (orders.Count >= waiting)
                        enough.TrySetResult();
                    return Task.CompletedTask;
                };
                if (waiting == 0)
                    return [];
                var tag = await channel.BasicConsumeAsync(queue, autoAck: false, consumer, cancellationToken);
                await enough.Task.WaitAsync(LongestDelivery, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await channel.BasicCancelAsync(tag, cancellationToken: cancellationToken);
                return [.. orders];
            },
            [],
            patience,
            cancellationToken);

    /// <summary>Deletes the queue and the exchange of that name, if they exist.</summary>
    /// <exception cref="BrokerUnreachableException">The broker was lost and has not come back in time.</exception>
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

    /// <summary>
    /// Uses one channel, for one caller at a time. The broker closes it when a queue does not exist, which is an answer, not an error.
    /// </summary>
    /// <param name="ofNone">The answer when the queue does not exist.</param>
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

    /// <summary>A queue whose node is down is also reported as not found, but the text does not say "no queue".</summary>
    static bool SaysNone(ShutdownEventArgs? reason) =>
        reason is { ReplyCode: Constants.NotFound } && reason.ReplyText.Contains("- no ", StringComparison.Ordinal);

    static bool IsLoss(Exception exception) =>
        exception is BrokerUnreachableException or RabbitMQClientException or IOException or TimeoutException or ObjectDisposedException;
}
