using MassTransit.InMemoryTransport.Configuration;
using Messaging.Breaker.Tests.Transports;

// MassTransit's transports are recognised by the namespaces of their configurations. That needs none of their packages.
namespace MassTransit.AzureServiceBusTransport.Configuration
{
    sealed class Endpoint(IInMemoryHostConfiguration host, string queueName, IInMemoryEndpointConfiguration endpoint)
        : OtherReceiveEndpointConfiguration(host, queueName, endpoint);
}

namespace MassTransit.AmazonSqsTransport.Configuration
{
    sealed class Endpoint(IInMemoryHostConfiguration host, string queueName, IInMemoryEndpointConfiguration endpoint)
        : OtherReceiveEndpointConfiguration(host, queueName, endpoint);
}

namespace MassTransit.ActiveMqTransport.Configuration
{
    sealed class Endpoint(IInMemoryHostConfiguration host, string queueName, IInMemoryEndpointConfiguration endpoint)
        : OtherReceiveEndpointConfiguration(host, queueName, endpoint);
}
