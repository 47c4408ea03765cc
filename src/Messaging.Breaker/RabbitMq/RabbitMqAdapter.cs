using MassTransit;
using MassTransit.Configuration;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Gating;
using Messaging.Breaker.RabbitMq.Partitions;
using Messaging.Breaker.Transports;

namespace Messaging.Breaker.RabbitMq;

/// <summary>RabbitMQ: messages of a stopped endpoint go back to its queue.</summary>
sealed class RabbitMqAdapter(DeliveryLimits limits) : ITransportAdapter
{
    public IAdaptedEndpoint? Adapt(IReceiveEndpointConfigurator endpoint, EndpointServices services) =>
        endpoint is RabbitMqReceiveEndpointConfiguration rabbit ? new Endpoint(rabbit, limits, services) : null;

    sealed class Endpoint(RabbitMqReceiveEndpointConfiguration endpoint, DeliveryLimits limits, EndpointServices services) : IAdaptedEndpoint
    {
        readonly RabbitMqTransport _transport = new(
            endpoint.Settings,
            new Republisher(
                endpoint.Settings,
                new DeliveryLimit(endpoint.Settings, services.Options.AssumedDeliveryLimit, limits.Of(endpoint)),
                services.Telemetry,
                services.Log));

        public IEndpointTransport Transport => _transport;

        public IEnumerable<string> Problems => PausabilityRules.Problems(endpoint);

        public IEnumerable<string> Warnings => PausabilityRules.Warnings(endpoint);

        public int Places => Math.Min(endpoint.Transport.ConcurrentMessageLimit ?? int.MaxValue, (int)endpoint.Settings.PrefetchCount is > 0 and var most ? most : int.MaxValue);

        public IKeyQueues OfferKeyQueues(Partition partition, InFlightMessages inFlight) => _transport.Keys = new KeyQueues(
            endpoint.Settings.QueueName, endpoint.Settings, partition, inFlight, () => Places, _transport.GiveUp, services.Time, services.Log);

        public void Attach(EndpointGate gate)
        {
            gate.Removed += () => _transport.Keys?.Forget();
            // Known from the start and, unless the user chooses another one, constant for the endpoint's whole life, as in MassTransit anyway.
            endpoint.OverrideConsumerTag($"{gate.Name}-{NewId.Next():N}");
            endpoint.ConfigureChannel(channel => channel.AddPipeSpecification(
                new ConsumerStartSpecification(gate, new ConsumerStart(_transport, gate, services.Time))));
        }
    }

    /// <summary>Whether the endpoint is guarded is known when the pipe is built, not when it is declared.</summary>
    sealed class ConsumerStartSpecification(EndpointGate gate, ConsumerStart start) : IPipeSpecification<ChannelContext>
    {
        public void Apply(IPipeBuilder<ChannelContext> builder)
        {
            if (gate.IsGuarding)
                builder.AddFilter(start);
        }

        public IEnumerable<ValidationResult> Validate() => [];
    }
}
