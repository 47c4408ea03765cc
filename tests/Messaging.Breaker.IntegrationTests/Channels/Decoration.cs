using MassTransit;
using MassTransit.RabbitMqTransport;

namespace Messaging.Breaker.IntegrationTests.Channels;

/// <summary>Wraps the channel of a consumer before MassTransit uses it.</summary>
sealed class Decoration(Func<ChannelContext, ChannelContext> decorate) : IFilter<ChannelContext>
{
    public Task Send(ChannelContext context, IPipe<ChannelContext> next) => next.Send(decorate(context));

    public void Probe(ProbeContext context) => context.CreateFilterScope("decoration");
}
