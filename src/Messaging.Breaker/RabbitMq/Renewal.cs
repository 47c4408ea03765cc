using MassTransit;
using MassTransit.RabbitMqTransport;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// Puts a delivered message to the end of its own queue as a new one: published as it came, confirmed by the broker, and only then
/// acknowledged, so that a crash at any point leaves at least one of the two. Each return of a message adds to the delivery count of a
/// quorum queue, and at its limit the broker drops the message; a new one starts at nought.
/// </summary>
sealed class Renewal(ReceiveSettings queue, int assumedLimit, EndpointTelemetry telemetry, ILogger log)
{
    const string DeliveryCount = "x-delivery-count";
    const string DeliveryLimit = "x-delivery-limit";
    static readonly TimeSpan LongestWaitForConfirm = TimeSpan.FromSeconds(5);

    readonly Lock _lock = new();
    Task<IChannel>? _channel;

    /// <summary>Half the limit is left to what counts as well and is not ours: crashes and lost connections.</summary>
    public bool IsDue(ReceiveContext context)
    {
        var count = Delivery(context)?.Properties.Headers?.TryGetValue(DeliveryCount, out var value) == true ? Number(value) : null;
        var limit = queue.QueueArguments.TryGetValue(DeliveryLimit, out var declared) ? Number(declared) : null;
        // Only the queues that count deliveries have a limit.
        return limit is null ? count >= assumedLimit / 2 : limit >= 0 && (count ?? 0) >= limit / 2;
    }

    /// <returns>False if the message was not renewed and is still to be returned.</returns>
    public async Task<bool> TryAsync(ReceiveContext context)
    {
        if (Delivery(context) is not { } delivery || !context.TryGetPayload(out ChannelContext? consuming))
            return false;
        try
        {
            using var limit = new CancellationTokenSource(LongestWaitForConfirm);
            var channel = await OpenAsync(consuming.ConnectionContext.Connection).WaitAsync(limit.Token).ConfigureAwait(false);
            var properties = new BasicProperties(delivery.Properties);
            if (properties.Headers?.ContainsKey(DeliveryCount) == true)
                properties.Headers = properties.Headers.Where(header => header.Key != DeliveryCount).ToDictionary();
            await channel.BasicPublishAsync("", queue.QueueName, true, properties, context.Body.GetBytes(), limit.Token).ConfigureAwait(false);
            await consuming.BasicAck(delivery.DeliveryTag, false, CancellationToken.None).ConfigureAwait(false);
            telemetry.Renewed();
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

    static long? Number(object? value) => value is IConvertible number and not string ? number.ToInt64(null) : null;

    /// <summary>A channel of our own: it confirms whatever the bus is configured to, and an error on it does not cost the consumer's.</summary>
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
