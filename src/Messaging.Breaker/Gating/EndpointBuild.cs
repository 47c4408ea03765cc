using MassTransit;
using MassTransit.Configuration;

namespace Messaging.Breaker.Gating;

/// <summary>
/// Tells who builds an endpoint that was declared on a bus. A rider builds one of its own kind, which shares the consume pipe of the one that the bus
/// has, but not its specifications.
/// </summary>
sealed class EndpointBuild(Action? onBuilt = null) : IReceiveEndpointSpecification
{
    /// <summary>The bus itself does. Known once this has been validated.</summary>
    public bool IsOfBus { get; private set; }

    IEnumerable<ValidationResult> ISpecification.Validate()
    {
        IsOfBus = true;
        return [];
    }

    void IReceiveEndpointSpecification.Configure(IReceiveEndpointBuilder builder) => onBuilt?.Invoke();
}
