using MassTransit;
using MassTransit.InMemoryTransport.Configuration;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Transports;

/// <summary>MassTransit's in-memory transport. Its messages live in the process anyway, so holding them costs nothing.</summary>
sealed class InMemoryAdapter : ITransportAdapter
{
    public IAdaptedEndpoint? Adapt(IReceiveEndpointConfigurator endpoint, EndpointServices services) =>
        // Not its subclasses, of which nothing is known.
        endpoint.GetType() == typeof(InMemoryReceiveEndpointConfiguration) ? new Endpoint((InMemoryReceiveEndpointConfiguration)endpoint) : null;

    sealed class Endpoint(InMemoryReceiveEndpointConfiguration endpoint) : IAdaptedEndpoint
    {
        public int Places => Math.Min(endpoint.Transport.ConcurrentMessageLimit ?? int.MaxValue, endpoint.Transport.PrefetchCount);

        public IEndpointTransport Transport { get; } = new HoldingTransport();

        public IEnumerable<string> Problems => [];

        public IEnumerable<string> Warnings => [];

        public void Attach(EndpointGate gate)
        {
            // Held messages wait in the filters, and the endpoint is never stopped.
        }
    }
}
