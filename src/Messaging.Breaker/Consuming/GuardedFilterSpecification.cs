using MassTransit;
using MassTransit.Configuration;

namespace Messaging.Breaker.Consuming;

/// <summary>Adds a filter to a pipe, unless the endpoint is unguarded, which is known only when the pipes are built.</summary>
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
