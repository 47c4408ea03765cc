using MassTransit;
using MassTransit.Configuration;
using MassTransit.DependencyInjection;
using MassTransit.InMemoryTransport.Configuration;
using MassTransit.Transports;

namespace Messaging.Breaker.Tests.Transports;

/// <summary>
/// A rider beside a bus, configured like MassTransit's own riders: it declares its endpoint on the bus by name, builds an endpoint of its
/// own kind from that, and starts it itself.
/// </summary>
sealed class OtherRider(ReceiveEndpointCollection endpoints) : IOtherRider, IRiderControl
{
    public RiderHandle Start(CancellationToken cancellationToken) => new Handle(endpoints, endpoints.StartEndpoints(cancellationToken));

    public IEnumerable<EndpointHealthResult> CheckEndpointHealth() => endpoints.CheckEndpointHealth();

    sealed class Handle(ReceiveEndpointCollection endpoints, HostReceiveEndpointHandle[] started) : RiderHandle
    {
        public Task Ready => Task.WhenAll(started.Select(endpoint => endpoint.Ready));

        public Task StopAsync(CancellationToken cancellationToken) => endpoints.StopEndpoints(cancellationToken);
    }
}

interface IOtherRider : IRider;

sealed class OtherRiderFactory(string name, Action<IRiderRegistrationContext, IReceiveEndpointConfigurator> configure) : IRegistrationRiderFactory<IOtherRider>
{
    public IBusInstanceSpecification CreateRider(IRiderRegistrationContext context) => new Specification(name, endpoint => configure(context, endpoint));

    sealed class Specification(string name, Action<IReceiveEndpointConfigurator> configure) : IBusInstanceSpecification
    {
        public IEnumerable<ValidationResult> Validate() => [];

        public void Configure(IBusInstance busInstance)
        {
            var host = busInstance.HostConfiguration;
            var declared = host.CreateReceiveEndpointConfiguration(name);
            ReceiveEndpointConfiguration topic = host is IInMemoryHostConfiguration memory
                ? new OtherReceiveEndpointConfiguration(memory, name, (IInMemoryEndpointConfiguration)declared)
                : new Topic(host, declared);
            configure((IReceiveEndpointConfigurator)topic);
            topic.Validate().ThrowIfContainsFailure("The topic is invalid:");
            var endpoints = new ReceiveEndpointCollection();
            if (topic is OtherReceiveEndpointConfiguration other)
                endpoints.Add(name, other.Build());
            busInstance.Connect<IOtherRider>(new OtherRider(endpoints));
        }
    }

    /// <summary>Beside a bus that is not in memory, there is nothing to build it from. It can only be validated.</summary>
    sealed class Topic(IHostConfiguration host, IReceiveEndpointConfiguration declared) : ReceiveEndpointConfiguration(host, declared), IReceiveEndpointConfigurator
    {
        public override Uri HostAddress => declared.HostAddress;

        public override Uri InputAddress => declared.InputAddress;

        public override ReceiveEndpointContext CreateReceiveEndpointContext() => throw new NotSupportedException();
    }
}
