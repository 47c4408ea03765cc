using MassTransit;

namespace Messaging.Breaker.Benchmarks.Micro;

/// <summary>Calls an observer as MassTransit does around the dispatch of a message, where the kill switch listens.</summary>
sealed class ObserverFilter(IConsumeObserver observer) : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        var message = (ConsumeContext<Ping>)context;
        await observer.PreConsume(message).ConfigureAwait(false);
        try
        {
            await next.Send(context).ConfigureAwait(false);
            await observer.PostConsume(message).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await observer.ConsumeFault(message, exception).ConfigureAwait(false);
            throw;
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("observer");
}
