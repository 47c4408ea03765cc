using MassTransit;
using MassTransit.Configuration;
using MassTransit.InMemoryTransport.Configuration;
using MassTransit.Transports;

namespace Messaging.Breaker.Tests.Transports;

/// <summary>
/// A transport without an adapter. Like MassTransit's own transports, it is configured by a bus factory, a host configuration and endpoint
/// configurations. Below those, it is the in-memory transport.
/// </summary>
sealed class OtherBusFactory : TransportRegistrationBusFactory<IInMemoryReceiveEndpointConfigurator>
{
    readonly OtherBusConfiguration _bus;
    readonly Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator> _configure;

    public OtherBusFactory(Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator> configure, CreateEndpoint? create = null)
        : this(new OtherBusConfiguration(create ?? ((host, queue, endpoint) => new OtherReceiveEndpointConfiguration(host, queue, endpoint))), configure)
    {
    }

    OtherBusFactory(OtherBusConfiguration bus, Action<IBusRegistrationContext, IInMemoryBusFactoryConfigurator> configure)
        : base(bus.Host) => (_bus, _configure) = (bus, configure);

    public override IBusInstance CreateBus(IBusRegistrationContext context, IEnumerable<IBusInstanceSpecification> specifications, string busName) =>
        CreateBus(new InMemoryBusFactoryConfigurator(_bus), context, _configure, specifications);
}

delegate IInMemoryReceiveEndpointConfiguration CreateEndpoint(
    IInMemoryHostConfiguration host, string queueName, IInMemoryEndpointConfiguration endpoint);

sealed class OtherBusConfiguration : InMemoryBusConfiguration, IInMemoryBusConfiguration
{
    public OtherBusConfiguration(CreateEndpoint create)
        : this(create, new InMemoryTopologyConfiguration(InMemoryBus.CreateMessageTopology()))
    {
    }

    OtherBusConfiguration(CreateEndpoint create, IInMemoryTopologyConfiguration topology)
        : base(topology, OtherHostConfiguration.Address) => Host = new OtherHostConfiguration(this, topology, create);

    public OtherHostConfiguration Host { get; }

    IInMemoryHostConfiguration IInMemoryBusConfiguration.HostConfiguration => Host;

    IHostConfiguration IBusConfiguration.HostConfiguration => Host;

    ConnectHandle IEndpointConfigurationObserverConnector.ConnectEndpointConfigurationObserver(IEndpointConfigurationObserver observer) =>
        Host.ConnectEndpointConfigurationObserver(observer);
}

sealed class OtherHostConfiguration(OtherBusConfiguration bus, IInMemoryTopologyConfiguration topology, CreateEndpoint create)
    : InMemoryHostConfiguration(bus, Address, topology), IInMemoryHostConfiguration
{
    public static readonly Uri Address = new("loopback://other/");

    IInMemoryReceiveEndpointConfiguration IInMemoryHostConfiguration.CreateReceiveEndpointConfiguration(
        string queueName, Action<IInMemoryReceiveEndpointConfigurator>? configure) =>
        Create(queueName, bus.CreateEndpointConfiguration(false), configure);

    IInMemoryReceiveEndpointConfiguration IInMemoryHostConfiguration.CreateReceiveEndpointConfiguration(
        string queueName, IInMemoryEndpointConfiguration endpointConfiguration, Action<IInMemoryReceiveEndpointConfigurator>? configure) =>
        Create(queueName, endpointConfiguration, configure);

    public override IReceiveEndpointConfiguration CreateReceiveEndpointConfiguration(string queueName, Action<IReceiveEndpointConfigurator>? configure) =>
        Create(queueName, bus.CreateEndpointConfiguration(false), configure);

    public override void ReceiveEndpoint(string queueName, Action<IInMemoryReceiveEndpointConfigurator>? configureEndpoint) =>
        Create(queueName, bus.CreateEndpointConfiguration(false), configureEndpoint);

    IInMemoryReceiveEndpointConfiguration Create(
        string queueName, IInMemoryEndpointConfiguration endpoint, Action<IInMemoryReceiveEndpointConfigurator>? configure)
    {
        var configuration = create(this, queueName, endpoint);
        configure?.Invoke(configuration.Configurator);
        Observers.EndpointConfigured(configuration.Configurator);
        Add(configuration);
        return configuration;
    }
}
