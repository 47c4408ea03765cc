using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.Transports;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// RabbitMQ: a message whose receive context is cancelled is neither acknowledged nor rejected, and closing the channel, which stopping the
/// endpoint does, puts it back in its place. (A reject with requeue would be delivered again at once, for ever.)
/// </summary>
sealed class RabbitMqTransport : IEndpointTransport
{
    public bool CanReturn => true;

    public int? Limit { get; set; }

    public bool Abandon(ReceiveContext context)
    {
        if (context is BaseReceiveContext receive)
            receive.Cancel();
        else if (context.TryGetPayload(out RabbitMqReceiveContext? rabbit))
            rabbit.Cancel();
        else
            throw new InvalidOperationException(
                $"A message of {context.InputAddress} cannot be returned: its receive context is a "
                + $"{context.GetType()}, not MassTransit's own. Remove the filter that replaces it.");
        return !context.TryGetPayload(out ChannelContext? channel) || channel.Channel.IsOpen;
    }

    /// <summary>MassTransit takes a stopped endpoint for a degraded one, which halts the outbox of the whole process and can take a pod out of service.</summary>
    public void ReportHealthy(IReceiveEndpoint endpoint, string description)
    {
        if (endpoint is ReceiveEndpoint stopped)
            stopped.HealthResult = EndpointHealthResult.Healthy(endpoint, description);
    }
}
