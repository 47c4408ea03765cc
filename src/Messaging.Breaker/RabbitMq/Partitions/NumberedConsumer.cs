using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>Notes which deliveries the endpoint's own consumer has been given.</summary>
sealed class NumberedConsumer(IAsyncBasicConsumer consumer, DeliveryOrder order) : IAsyncBasicConsumer
{
    public IChannel? Channel => consumer.Channel;

    public Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        try
        {
            return consumer.HandleBasicDeliverAsync(consumerTag, deliveryTag, redelivered, exchange, routingKey, properties, body, cancellationToken);
        }
        finally
        {
            order.Pass(deliveryTag);
        }
    }

    public Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default) => consumer.HandleBasicCancelAsync(consumerTag, cancellationToken);

    public Task HandleBasicCancelOkAsync(string consumerTag, CancellationToken cancellationToken = default) => consumer.HandleBasicCancelOkAsync(consumerTag, cancellationToken);

    public Task HandleBasicConsumeOkAsync(string consumerTag, CancellationToken cancellationToken = default) => consumer.HandleBasicConsumeOkAsync(consumerTag, cancellationToken);

    public Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason) => consumer.HandleChannelShutdownAsync(channel, reason);
}
