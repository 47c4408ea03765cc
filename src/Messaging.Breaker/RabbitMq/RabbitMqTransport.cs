using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.Transports;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// RabbitMQ: a message whose receive context is cancelled is neither acknowledged nor rejected, and closing the channel, which stopping the
/// endpoint does, puts it back in its place. (A reject with requeue would be delivered again at once, for ever.)
/// </summary>
sealed class RabbitMqTransport(ReceiveSettings queue, Renewal renewal) : IEndpointTransport
{
    public bool CanReturn => true;

    public int? Limit { get; set; }

    /// <summary>The channel of the consumer that was started last.</summary>
    public ChannelContext? Channel { get; set; }

    public bool HasConsumer { get; set; }

    public void Abandon(ReceiveContext context)
    {
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
        // With its channel it has gone back already.
        var isHeld = !context.TryGetPayload(out ChannelContext? channel) || channel.Channel.IsOpen;
        var isRenewed = isHeld && (toEnd || renewal.IsDue(context)) && await renewal.TryAsync(context).ConfigureAwait(false);
        Abandon(context);
        return isHeld && !isRenewed;
    }

    public async Task<bool> TryCancelAsync()
    {
        if (Channel is not { Channel.IsOpen: true } channel)
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

    /// <summary>MassTransit takes a stopped endpoint for a degraded one, which halts the outbox of the whole process and can take a pod out of service.</summary>
    public void ReportHealthy(IReceiveEndpoint endpoint, string description)
    {
        if (endpoint is ReceiveEndpoint stopped)
            stopped.HealthResult = EndpointHealthResult.Healthy(endpoint, description);
    }
}
