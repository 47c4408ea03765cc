using MassTransit;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// The last filter before a consumer or saga, behind its concurrency limit and its repository's lock: messages that waited there while the
/// breaker opened must not go on to the dead dependency.
/// </summary>
sealed class StartFilter<T>(EndpointGuards guards) : IFilter<T> where T : class, ConsumeContext
{
    public Task Send(T context, IPipe<T> next)
    {
        guards.InFlight.Find(context)?.Start();
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("breakerStart");
}
