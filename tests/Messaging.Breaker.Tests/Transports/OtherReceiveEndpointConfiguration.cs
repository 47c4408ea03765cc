using MassTransit;
using MassTransit.Configuration;
using MassTransit.InMemoryTransport;
using MassTransit.InMemoryTransport.Configuration;
using MassTransit.Transports;
using MassTransit.Transports.Fabric;

namespace Messaging.Breaker.Tests.Transports;

class OtherReceiveEndpointConfiguration(IInMemoryHostConfiguration host, string queueName, IInMemoryEndpointConfiguration endpoint)
    : ReceiveEndpointConfiguration(host, endpoint), IInMemoryReceiveEndpointConfiguration, IInMemoryReceiveEndpointConfigurator
{
    IInMemoryReceiveEndpointConfigurator IInMemoryReceiveEndpointConfiguration.Configurator => this;

    IInMemoryTopologyConfiguration IInMemoryEndpointConfiguration.Topology => endpoint.Topology;

    public override Uri HostAddress => host.HostAddress;

    public override Uri InputAddress { get; } = new InMemoryEndpointAddress(host.HostAddress, queueName);

    public override ReceiveEndpointContext CreateReceiveEndpointContext() => CreateContext();

    public ReceiveEndpoint Build()
    {
        var context = CreateContext();
        return new ReceiveEndpoint(new InMemoryReceiveTransport(context, InputAddress.Segments[^1]), context);
    }

    void IInMemoryReceiveEndpointConfiguration.Build(IHost host)
    {
        var built = Build();
        host.AddReceiveEndpoint(queueName, built);
        ReceiveEndpoint = built;
    }

    public void Bind(string exchangeName, ExchangeType exchangeType, string? routingKey) =>
        endpoint.Topology.Consume.Bind(exchangeName, exchangeType, routingKey);

    public void Bind<T>(ExchangeType exchangeType, string? routingKey) where T : class =>
        endpoint.Topology.Consume.GetMessageTopology<T>().Bind(exchangeType, routingKey);

    InMemoryReceiveEndpointContext CreateContext()
    {
        var builder = new InMemoryReceiveEndpointBuilder(host, this);
        ApplySpecifications(builder);
        return builder.CreateReceiveEndpointContext();
    }
}
