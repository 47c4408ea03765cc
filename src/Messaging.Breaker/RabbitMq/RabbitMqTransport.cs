using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.Transports;
using Messaging.Breaker.Gating;
using Messaging.Breaker.RabbitMq.Partitions;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// RabbitMQ: a message whose receive context is cancelled is neither acknowledged nor rejected. It goes back to its place when the consumer has
/// ended: by a nack where that uses up no delivery, and otherwise by closing the channel. (After a nack while the consumer exists, it would be
/// delivered again at once, for ever.)
/// </summary>
sealed class RabbitMqTransport(ReceiveSettings queue, Republisher renewal) : IEndpointTransport
{
    ChannelContext? _channel;
    HeldDeliveries? _held;

    public bool CanReturn => true;

    public int? Limit { get; set; }

    public bool HasConsumer { get; set; }

    /// <summary>The queues of keys; null if no guard is partitioned.</summary>
    public KeyQueues? Keys { get; set; }

    /// <summary>A consumer is about to start on this channel.</summary>
    /// <param name="channel">Its channel.</param>
    /// <param name="isIdle">Whether the broker does not know of it.</param>
    public void Begin(ChannelContext channel, bool isIdle)
    {
        var broker = BrokerVersion.Of(channel.ConnectionContext.Connection);
        _channel = isIdle ? null : channel;
        _held = broker.ReturnsFreely ? new HeldDeliveries(channel.Channel) : null;
        HasConsumer = false;
        renewal.Announce(broker);
    }

    public void Abandon(ReceiveContext context)
    {
        context.GetOrAddPayload(() => GivenUp.ByUs);
        _held?.Add(context);
        if (context is BaseReceiveContext receive)
            receive.GiveUp();
        else if (context.TryGetPayload(out RabbitMqReceiveContext? rabbit))
            rabbit.GiveUp();
        else
            throw new InvalidOperationException(
                $"A message of {context.InputAddress} cannot be returned: its receive context is a "
                + $"{context.GetType()}, not MassTransit's own. Remove the filter that replaces it.");
    }

    public async ValueTask<bool> ReturnAsync(ReceiveContext context, bool toEnd)
    {
        if (Keys?.TryReturn(context) == true)
        {
            GiveUp(context);
            return false;
        }

        var isHeld = IsHeld(context);
        var isRenewed = isHeld && (toEnd || renewal.IsDue(context)) && await renewal.TryAsync(context, toEnd).ConfigureAwait(false);
        Abandon(context);
        if (!isHeld || isRenewed)
            _held?.Remove(context);
        return isHeld && !isRenewed;
    }

    /// <summary>Gives up a delivery that is not put back with the others, because it is acknowledged or waits elsewhere.</summary>
    public void GiveUp(ReceiveContext context)
    {
        Abandon(context);
        _held?.Remove(context);
    }

    public async Task<bool> TryCancelAsync()
    {
        if (Keys is not null)
            await Keys.StopAsync().ConfigureAwait(false);
        if (_channel is not { Channel.IsOpen: true } channel)
            return false;
        try
        {
            await channel.BasicCancel(queue.ConsumerTag, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (Exception)
        {
            // The channel is lost, and the consumer with it.
            return false;
        }
    }

    public async Task PutBackAsync()
    {
        if (_held is null || _channel is not { Channel.IsOpen: true })
            return;
        try
        {
            await _held.PutBackAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The channel is lost, which also puts them back.
        }
    }

    /// <summary>
    /// MassTransit reports a stopped endpoint as degraded, which halts the outbox of the whole process and can take a pod out of service.
    /// </summary>
    public void ReportHealthy(IReceiveEndpoint endpoint, string description)
    {
        if (endpoint is ReceiveEndpoint stopped)
            stopped.HealthResult = EndpointHealthResult.Healthy(endpoint, description);
    }

    /// <summary>
    /// Whether the broker still counts the message as this consumer's. If its channel is gone, it has already gone back. It has also gone back
    /// if something else cancelled it: MassTransit does so when the broker cancels the consumer, as it does from 4.3 on after the consumer
    /// timeout.
    /// </summary>
    static bool IsHeld(ReceiveContext context) =>
        (!context.TryGetPayload(out ChannelContext? channel) || channel.Channel.IsOpen)
        && (!context.CancellationToken.IsCancellationRequested || context.TryGetPayload(out GivenUp? _));

    /// <summary>Marks a message that was cancelled here, not by the broker.</summary>
    sealed class GivenUp
    {
        public static GivenUp ByUs { get; } = new();
    }
}
