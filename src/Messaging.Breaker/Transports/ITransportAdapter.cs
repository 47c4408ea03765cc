using MassTransit;

namespace Messaging.Breaker.Transports;

/// <summary>
/// Knows the endpoints of one transport, and how to pause them. A singleton of the container, one for each transport. Because a host can have
/// several buses, it knows no more of a bus than the endpoint it is given.
/// </summary>
interface ITransportAdapter
{
    /// <summary>Called once for each declared endpoint, guarded or not: whether it is guarded is known only later.</summary>
    /// <returns>Null if the endpoint is on another transport.</returns>
    IAdaptedEndpoint? Adapt(IReceiveEndpointConfigurator endpoint, EndpointServices services);
}
