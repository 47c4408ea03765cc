using System.Globalization;
using MassTransit;
using MassTransit.RabbitMqTransport;
using Messaging.Breaker.Gating;
using RabbitMQ.Client.Events;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// Around the start of each consumer. Lowers its prefetch while the endpoint is limited: MassTransit fixes the count when it builds the
/// endpoint, so the channel that it sets it on is decorated; by a generated proxy, since other versions of MassTransit have other members.
/// And ends a start whose channel is lost half-way, for which MassTransit would wait for ever. What it passes on ends with the consumer.
/// </summary>
sealed class ConsumerStart(RabbitMqTransport transport, EndpointGate gate, TimeProvider time) : IFilter<ChannelContext>
{
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    public async Task Send(ChannelContext context, IPipe<ChannelContext> next)
    {
        transport.Begin(context);
        gate.PrepareStart();
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Channel.ChannelShutdownAsync += OnShutdown;
        try
        {
            if (!context.Channel.IsOpen)
                lost.TrySetResult();
            var consuming = next.Send(
                transport.Limit is { } limit ? CappedChannel.Over(context, (ushort)Math.Clamp(limit, 1, ushort.MaxValue)) : context);
            if (await Task.WhenAny(consuming, lost.Task).ConfigureAwait(false) != consuming && !transport.HasConsumer)
            {
                await consuming.WaitAsync(Grace, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (!consuming.IsCompleted && !transport.HasConsumer)
                    throw new RabbitMqConnectionException($"The channel was lost while the consumer of {context.ConnectionContext.Description} started.");
            }

            await consuming.ConfigureAwait(false);
            await transport.PutBackAsync().ConfigureAwait(false);
        }
        finally
        {
            context.Channel.ChannelShutdownAsync -= OnShutdown;
        }

        Task OnShutdown(object sender, ShutdownEventArgs reason)
        {
            lost.TrySetResult();
            return Task.CompletedTask;
        }
    }

    public void Probe(ProbeContext context) =>
        context.CreateFilterScope("consumerStart").Add("limit", transport.Limit?.ToString(CultureInfo.InvariantCulture) ?? "none");
}
