using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace SampleWorkers.Drill;

/// <summary>Reads queues over AMQP on a connection of its own: what the broker says, at once and without a plugin.</summary>
sealed class BrokerQueues(IConnection connection) : IAsyncDisposable
{
    readonly SemaphoreSlim _one = new(1);
    IChannel? _channel;

    public async Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken)
    {
        await UseAsync(
            async channel =>
            {
                await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, cancellationToken: cancellationToken);
                await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellationToken);
                await channel.QueueBindAsync(queue, exchange, "", cancellationToken: cancellationToken);
                return true;
            },
            cancellationToken);
    }

    /// <summary>Ready messages and consumers; null if there is no such queue.</summary>
    public Task<QueueReading?> ReadAsync(string queue, CancellationToken cancellationToken) => UseAsync<QueueReading?>(
        async channel =>
        {
            var declared = await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            return new QueueReading(declared.MessageCount, declared.ConsumerCount);
        },
        cancellationToken);

    /// <summary>Takes every message out of a queue and returns their message ids, which are the orders'.</summary>
    public async Task<IReadOnlyCollection<Guid>> TakeOrdersAsync(string queue, CancellationToken cancellationToken)
    {
        var orders = new List<Guid>();
        await UseAsync(
            async channel =>
            {
                while (await channel.BasicGetAsync(queue, autoAck: true, cancellationToken) is { } message)
                    orders.Add(Guid.TryParse(message.BasicProperties.MessageId, out var order) ? order : Guid.Empty);
                return true;
            },
            cancellationToken);
        return orders;
    }

    public Task DeleteQueueAsync(string queue, CancellationToken cancellationToken) =>
        UseAsync(channel => channel.QueueDeleteAsync(queue, cancellationToken: cancellationToken), cancellationToken);

    public async Task DeleteExchangeAsync(string exchange, CancellationToken cancellationToken) => await UseAsync(
        async channel =>
        {
            await channel.ExchangeDeleteAsync(exchange, cancellationToken: cancellationToken);
            return true;
        },
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_channel is not null)
            await _channel.DisposeAsync();
        await connection.DisposeAsync();
        _one.Dispose();
    }

    /// <summary>One at a time on one channel. The broker closes it when a queue does not exist, which is an answer, not an error.</summary>
    async Task<T?> UseAsync<T>(Func<IChannel, Task<T>> use, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_channel is not { IsOpen: true })
                _channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            return await use(_channel);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return default;
        }
        finally
        {
            _one.Release();
        }
    }
}
