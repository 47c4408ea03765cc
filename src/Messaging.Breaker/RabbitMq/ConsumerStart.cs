using System.Globalization;
using MassTransit;
using MassTransit.RabbitMqTransport;
using Messaging.Breaker.Gating;
using Messaging.Breaker.RabbitMq.Partitions;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// Wraps the start of each consumer. It lowers the prefetch while the endpoint is limited. MassTransit fixes the count when it builds the
/// endpoint, so the channel on which it sets the count is decorated, by a generated proxy, because other versions of MassTransit have other
/// members. An endpoint that is to be paused at once starts without the broker knowing. A start whose channel is lost half-way is ended,
/// because MassTransit would wait for it for ever. The proxy passes calls on until the consumer ends.
/// </summary>
sealed class ConsumerStart(RabbitMqTransport transport, EndpointGate gate, TimeProvider time) : IFilter<ChannelContext>
{
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        await gate.Holds.Known.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        var isIdle = !gate.PrepareStart();
        transport.Begin(context, isIdle);
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Channel.ChannelShutdownAsync += OnShutdown;
        try
        {
            if (transport.Keys is not null)
                await transport.Keys.PrepareAsync(context, context.CancellationToken).ConfigureAwait(false);
            if (!context.Channel.IsOpen)
                lost.TrySetResult();
            var consuming = next.Send(CappedChannel.Over(context, isIdle ? 0 : transport.Limit, KeysOf(context)));
            if (await Task.WhenAny(consuming, lost.Task).ConfigureAwait(false) != consuming && !transport.HasConsumer)
            {
                await consuming.WaitAsync(Grace, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!consuming.IsCompleted && !transport.HasConsumer)
                    throw new RabbitMqConnectionException($"The channel was lost while the consumer of {context.ConnectionContext.Description} started.");
            }

            await consuming.ConfigureAwait(false);
        }
        finally
        {
            transport.Keys?.End();
            context.Channel.ChannelShutdownAsync -= OnShutdown;
        }

        Task OnShutdown(object sender, ShutdownEventArgs reason)
        {
            lost.TrySetResult();
            return Task.CompletedTask;
        }
    }

    (DeliveryOrder, Action<IAsyncBasicConsumer>)? KeysOf(ChannelContext channel)
    {
        if (transport.Keys is not { } keys)
            return null;
        var order = new DeliveryOrder(time);
        return (order, consumer => keys.Begin(new KeyConsumption(channel, consumer, order, time)));
    }

    public void Probe(ProbeContext context) =>
        context.CreateFilterScope("consumerStart").Add("limit", transport.Limit?.ToString(CultureInfo.InvariantCulture) ?? "none");
}
