using MassTransit;

namespace SampleWorkers.Shop;

static class OrderPublishing
{
    /// <summary>
    /// Publishes an order and waits for the broker's confirm. The order's id becomes the message's id. An order that is routed to no queue is
    /// an error: otherwise an exchange without a queue would confirm it and drop it.
    /// </summary>
    public static Task PublishOrderAsync(this IPublishEndpoint publisher, OrderPlaced order, CancellationToken cancellationToken) =>
        publisher.Publish(
            order,
            context =>
            {
                context.MessageId = order.OrderId;
                if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
                    rabbit.Mandatory = true;
            },
            cancellationToken);
}
