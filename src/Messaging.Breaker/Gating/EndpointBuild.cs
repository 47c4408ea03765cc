using MassTransit;
using MassTransit.Configuration;

namespace Messaging.Breaker.Gating;

/// <summary>
/// Tells who builds an endpoint that was declared on a bus. A rider builds its own kind of endpoint, which shares the consume pipe of the bus's
/// endpoint but not its specifications.
/// </summary>
sealed class EndpointBuild(Action? onBuilt = null) : IReceiveEndpointSpecification
{
    /// <summary>The bus builds it. Known once this has been validated.</summary>
    public bool IsOfBus { get; private set; }

    IEnumerable<ValidationResult> ISpecification.Validate()
    {
        IsOfBus = true;
        return [];
    }

    void IReceiveEndpointSpecification.Configure(IReceiveEndpointBuilder builder) => onBuilt?.Invoke();
}
