using MassTransit;

namespace Messaging.Breaker.Transports;

/// <summary>The only place that decides which transport an endpoint has.</summary>
sealed class TransportChoice(IEnumerable<ITransportAdapter> adapters)
{
    readonly ITransportAdapter[] _adapters = [.. adapters];

    public IAdaptedEndpoint Of(IReceiveEndpointConfigurator endpoint, EndpointServices services) =>
        _adapters.Select(adapter => adapter.Adapt(endpoint, services)).FirstOrDefault(adapted => adapted is not null)
        ?? new UnadaptedEndpoint(UnadaptedTransport.Of(endpoint), services.Options);

    /// <summary>
    /// For an endpoint that a rider turned out to build. MassTransit also declares it on the bus, where it looks like one of the bus's
    /// transport, but its messages come from elsewhere.
    /// </summary>
    public static IAdaptedEndpoint OfRider(string name, EndpointServices services) =>
        new UnadaptedEndpoint(UnadaptedTransport.OfRider(name), services.Options);
}
