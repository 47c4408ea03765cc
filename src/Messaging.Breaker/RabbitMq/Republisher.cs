using MassTransit;
using MassTransit.RabbitMqTransport;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// Publishes a delivered message again to the end of its own queue: unchanged, confirmed by the broker, and only then is the original
/// acknowledged, so that a crash at any point leaves at least one of the two. Each return adds to the delivery count of a message in a quorum
/// queue, and at its limit the broker drops the message; the count of a new message starts at zero.
/// </summary>
sealed class Republisher(ReceiveSettings queue, DeliveryLimit limit, EndpointTelemetry telemetry, ILogger log)
{
    static readonly TimeSpan LongestWaitForConfirm = TimeSpan.FromSeconds(5);

    readonly Lock _lock = new();
    Task<IChannel>? _channel;
    int _isAnnounced;

    /// <summary>
    /// Whether the broker may drop the message at its next return. If returns do not count, that is possible only after something else has
    /// counted: a crash, or the end of a channel with messages that were not taken from it.
    /// </summary>
    public bool IsDue(ReceiveContext context)
    {
        var count = DeliveryCounts.Of(Delivery(context)?.Properties);
        return limit.IsHalfSpent(count)
            && (count > 0 || !(context.TryGetPayload(out ChannelContext? channel) && BrokerVersion.Of(channel.ConnectionContext.Connection).ReturnsFreely));
    }

    /// <summary>Logs once which limit is assumed for a queue whose broker cannot be asked.</summary>
    public void Announce(BrokerVersion broker)
    {
        if (!broker.ReturnsFreely && limit.IsMadeUp && queue.QueueArguments.CountsDeliveries() && Interlocked.Exchange(ref _isAnnounced, 1) == 0)
            log.DeliveryLimitUnknown(queue.QueueName);
    }

    /// <param name="context">The delivery.</param>
    /// <param name="toEnd">To let others pass; otherwise because it <see cref="IsDue"/>.</param>
    /// <returns>False if the message was not renewed and is still to be returned.</returns>
    public async Task<bool> TryAsync(ReceiveContext context, bool toEnd)
    {
        if (Delivery(context) is not { } delivery || !context.TryGetPayload(out ChannelContext? consuming))
            return false;
        try
        {
            using var patience = new CancellationTokenSource(LongestWaitForConfirm);
            var channel = await OpenAsync(consuming.ConnectionContext.Connection).WaitAsync(patience.Token).ConfigureAwait(false);
            var properties = DeliveryCounts.Without(delivery.Properties);
            await channel.BasicPublishAsync("", queue.QueueName, true, properties, context.Body.GetBytes(), patience.Token).ConfigureAwait(false);
            await consuming.BasicAck(delivery.DeliveryTag, false, CancellationToken.None).ConfigureAwait(false);
            telemetry.Renewed(toEnd);
            return true;
        }
        catch (Exception exception)
        {
            telemetry.RenewalFailed(exception);
            log.RenewalFailed(queue.QueueName, exception.Message);
            return false;
        }
    }

    static RabbitMqBasicConsumeContext? Delivery(ReceiveContext context) =>
        context.TryGetPayload(out RabbitMqBasicConsumeContext? delivery) ? delivery : null;

    /// <summary>
    /// Its own channel: it has confirms however the bus is configured, and an error on it does not close the consumer's channel.
    /// </summary>
    Task<IChannel> OpenAsync(IConnection connection)
    {
        lock (_lock)
        {
            if (_channel is null or { IsFaulted: true } or { IsCanceled: true } || _channel is { IsCompletedSuccessfully: true, Result.IsOpen: false })
                _channel = connection.CreateChannelAsync(
                    new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), CancellationToken.None);
            return _channel;
        }
    }
}
