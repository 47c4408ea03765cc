using System.Text.Json;
using RabbitMQ.Client;
using SampleWorkers.Shop;

namespace Messaging.Breaker.ChaosTests.Shop;

/// <summary>
/// Publishes orders, mandatory and with confirms, to the exchange of one queue. If the broker does not confirm an order, it is published
/// again with the same id. It speaks AMQP itself, because the tested code must not be its own judge.
/// </summary>
sealed class OrderPublisher(Uri broker, string exchange, Ledger ledger) : IAsyncDisposable
{
    static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan LongestWaitForConfirm = TimeSpan.FromSeconds(10);
    static readonly string[] MessageType = ["urn:message:SampleWorkers.Shop:OrderPlaced"];

    readonly SemaphoreSlim _opening = new(1);
    IConnection? _connection;
    IChannel? _channel;

    public async Task PublishAsync(OrderPlaced order, CancellationToken cancellationToken)
    {
        while (!await TryPublishAsync(order, cancellationToken))
            await Task.Delay(RetryDelay, cancellationToken);
        ledger.Confirm(order.OrderId);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _opening.Dispose();
    }

    async Task<bool> TryPublishAsync(OrderPlaced order, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestWaitForConfirm);
        try
        {
            var channel = await OpenAsync(limit.Token);
            await channel.BasicPublishAsync(exchange, "", mandatory: true, Properties(order), Body(order), limit.Token);
            return true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    async Task<IChannel> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_channel is { IsOpen: true })
                return _channel;
            await CloseAsync();
            _connection = await new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false }.CreateConnectionAsync(cancellationToken);
            return _channel = await _connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        }
        finally
        {
            _opening.Release();
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

    static BasicProperties Properties(OrderPlaced order) => new()
    {
        ContentType = "application/vnd.masstransit+json",
        MessageId = $"{order.OrderId}",
        Persistent = true,
    };

    static byte[] Body(OrderPlaced order) => JsonSerializer.SerializeToUtf8Bytes(
        new { messageId = order.OrderId, messageType = MessageType, message = new { orderId = order.OrderId, amount = order.Amount, merchant = order.Merchant } });
}
