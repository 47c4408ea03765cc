using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.Transports;
using Messaging.Breaker.Gating;
using Messaging.Breaker.RabbitMq.Partitions;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// RabbitMQ: a message whose receive context is cancelled is neither acknowledged nor rejected, and goes back to its place when the consumer
/// has ended: by a nack where that costs no delivery, and otherwise by the close of the channel. (A nack while the consumer is there would be
/// delivered again at once, for ever.)
/// </summary>
sealed class RabbitMqTransport(ReceiveSettings queue, Renewal renewal) : IEndpointTransport
{
    ChannelContext? _channel;
    HeldDeliveries? _held;

    public bool CanReturn => true;

    public int? Limit { get; set; }

    public bool HasConsumer { get; set; }

    /// <summary>The queues of single keys; null if no guard is partitioned.</summary>
    public KeyQueues? Keys { get; set; }

    /// <summary>A consumer is about to start on this channel.</summary>
    public void Begin(ChannelContext channel)
    {
        var broker = BrokerVersion.Of(channel.ConnectionContext.Connection);
        _channel = channel;
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

    /// <summary>Gives up a delivery that is not to be put back with the others, since it is acknowledged, or waits elsewhere.</summary>
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
            // The channel is lost, and with it the consumer.
            return false;
        }
    }

    /// <summary>The consumer has ended: puts back at once what it still holds, if that is cheaper than closing its channel.</summary>
    public async Task PutBackAsync()
    {
        if (_held is null || _channel is not { Channel.IsOpen: true })
            return;
        try
        {
            if (Keys is not null)
                await Keys.PutBackAsync().ConfigureAwait(false);
            await _held.PutBackAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The channel is lost, which puts them back as well.
        }
    }

    /// <summary>MassTransit takes a stopped endpoint for a degraded one, which halts the outbox of the whole process and can take a pod out of service.</summary>
    public void ReportHealthy(IReceiveEndpoint endpoint, string description)
    {
        if (endpoint is ReceiveEndpoint stopped)
            stopped.HealthResult = EndpointHealthResult.Healthy(endpoint, description);
    }

    /// <summary>
    /// Whether the broker still counts the message as this consumer's. With its channel it has gone back already; and so it has if somebody else
    /// cancelled it: MassTransit does when the broker cancels the consumer, as it does from 4.3 on after the consumer time-out.
    /// </summary>
    static bool IsHeld(ReceiveContext context) =>
        (!context.TryGetPayload(out ChannelContext? channel) || channel.Channel.IsOpen)
        && (!context.CancellationToken.IsCancellationRequested || context.TryGetPayload(out GivenUp? _));

    /// <summary>Marks a message that was cancelled here, and not by the broker.</summary>
    sealed class GivenUp
    {
        public static GivenUp ByUs { get; } = new();
    }
}
