using MassTransit;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// The last before a consumer or saga, behind its own concurrency limit and the lock of its repository: what waited there while the breaker
/// opened must not drain into the dead dependency.
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
