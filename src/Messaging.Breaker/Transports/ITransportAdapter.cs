using MassTransit;

namespace Messaging.Breaker.Transports;

/// <summary>
/// Knows the endpoints of one transport, and how they are paused. A singleton of the container, one for each transport; all that it knows
/// of a bus is the endpoint before it, since a host can have several buses.
/// </summary>
interface ITransportAdapter
{
    /// <summary>Called once for each endpoint that is declared, guarded or not: whether it is guarded is known only later.</summary>
    /// <returns>Null if the endpoint is on another transport.</returns>
    IAdaptedEndpoint? Adapt(IReceiveEndpointConfigurator endpoint, EndpointServices services);
}
