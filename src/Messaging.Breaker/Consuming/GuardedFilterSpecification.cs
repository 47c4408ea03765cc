using MassTransit;
using MassTransit.Configuration;

namespace Messaging.Breaker.Consuming;

/// <summary>Puts a filter into a pipe, unless the endpoint turns out to be unguarded; that is known only when the pipes are built.</summary>
sealed class GuardedFilterSpecification<T>(EndpointGuards guards, IFilter<T> filter, ISpecification? validation = null)
    : IPipeSpecification<T> where T : class, PipeContext
{
    public void Apply(IPipeBuilder<T> builder)
    {
        if (!guards.IsEmpty)
            builder.AddFilter(filter);
    }

    public IEnumerable<ValidationResult> Validate() => validation?.Validate() ?? [];
}
