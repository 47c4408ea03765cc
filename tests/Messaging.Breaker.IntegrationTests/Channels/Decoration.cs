using MassTransit;
using MassTransit.RabbitMqTransport;

namespace Messaging.Breaker.IntegrationTests.Channels;

/// <summary>Puts something between MassTransit and the channel of a consumer.</summary>
sealed class Decoration(Func<ChannelContext, ChannelContext> decorate) : IFilter<ChannelContext>
{
    public Task Send(ChannelContext context, IPipe<ChannelContext> next) => next.Send(decorate(context));

    public void Probe(ProbeContext context) => context.CreateFilterScope("decoration");
}
