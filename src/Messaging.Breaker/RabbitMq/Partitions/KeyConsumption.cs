using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>A consumer of the endpoint at work: its channel, and what takes deliveries there. Queues of keys deliver to the same.</summary>
sealed record KeyConsumption(ChannelContext Channel, IAsyncBasicConsumer Consumer)
{
    public bool IsOpen => Channel.Channel.IsOpen;
}
