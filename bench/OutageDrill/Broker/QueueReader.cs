using System.Text.Json;
using OutageDrill.Workers;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace OutageDrill.Broker;

/// <summary>Reads what the broker says of a queue, at once and without a plugin. One caller at a time.</summary>
sealed class QueueReader(IConnection connection) : IAsyncDisposable
{
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    IChannel? _channel;

    public Task DeclareAsync(string queue, CancellationToken cancellationToken) => UseAsync(
        channel => channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: cancellationToken),
        cancellationToken);

    /// <summary>The number of ready messages; 0 if there is no such queue.</summary>
    public Task<int> CountAsync(string queue, CancellationToken cancellationToken) => UseAsync(
        async channel => (int)(await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).MessageCount,
        cancellationToken);

    /// <summary>Takes the messages out and returns their orders' numbers.</summary>
    public async Task<IReadOnlyCollection<int>> TakeOrdersAsync(string queue, CancellationToken cancellationToken)
    {
        var orders = new List<int>();
        await UseAsync(
            async channel =>
            {
                while (await channel.BasicGetAsync(queue, autoAck: true, cancellationToken) is { } message)
                    orders.Add(JsonSerializer.Deserialize<Charge>(message.Body.Span, Web)!.Order);
                return true;
            },
            cancellationToken);
        return orders;
    }

    public Task DeleteAsync(string queue, CancellationToken cancellationToken) => UseAsync(
        async channel =>
        {
            // MassTransit and Wolverine each bind it to an exchange of the same name.
            await channel.ExchangeDeleteAsync(queue, cancellationToken: cancellationToken);
            return await channel.QueueDeleteAsync(queue, cancellationToken: cancellationToken);
        },
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_channel is not null)
            await _channel.DisposeAsync();
    }

    /// <summary>The broker closes the channel when a queue does not exist, which is an answer, not an error.</summary>
    async Task<T?> UseAsync<T>(Func<IChannel, Task<T>> use, CancellationToken cancellationToken)
    {
        if (_channel is not { IsOpen: true })
            _channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return await use(_channel);
        }
        catch (OperationInterruptedException exception) when (exception.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return default;
        }
    }
}
