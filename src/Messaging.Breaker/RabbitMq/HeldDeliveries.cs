using System.Collections.Concurrent;
using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq;

/// <summary>The messages that were given up on one channel and are still unacknowledged there. Thread-safe.</summary>
sealed class HeldDeliveries(IChannel channel)
{
    readonly ConcurrentDictionary<ulong, byte> _tags = new();

    public void Add(ReceiveContext context)
    {
        if (TagOf(context) is { } tag)
            _tags.TryAdd(tag, 0);
    }

    public void Remove(ReceiveContext context)
    {
        if (TagOf(context) is { } tag)
            _tags.TryRemove(tag, out _);
    }

    /// <summary>
    /// Puts all of them back in their places, one by one: RabbitMQ 4.3 treats a nack of "everything outstanding" as a nack of nothing.
    /// </summary>
    public async Task PutBackAsync()
    {
        foreach (var tag in _tags.Keys.Order())
            if (_tags.TryRemove(tag, out _))
                await channel.BasicNackAsync(tag, multiple: false, requeue: true, CancellationToken.None).ConfigureAwait(false);
    }

    ulong? TagOf(ReceiveContext context) =>
        context.TryGetPayload(out ChannelContext? consuming) && consuming.Channel == channel
        && context.TryGetPayload(out RabbitMqBasicConsumeContext? delivery) ? delivery.DeliveryTag : null;
}
