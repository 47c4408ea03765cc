using MassTransit;
using MassTransit.RabbitMqTransport.Configuration;
using Messaging.Breaker.DeadLetters;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.RabbitMq.DeadLetters;

/// <summary>Registers where the dead letters of a bus's endpoints go.</summary>
sealed class DeadLetterDiscovery(
    KnownQueues queues, TripRecorder trips, IEndpointRegistry endpoints, DeliveryLimits limits, BusBreakerOptions options, TimeProvider time) : IEndpointConfigurationObserver
{
    readonly Dictionary<string, RabbitMqDeadLetters> _brokers = [];

    void IEndpointConfigurationObserver.EndpointConfigured<T>(T configurator)
    {
        if (configurator is not RabbitMqReceiveEndpointConfiguration { IsBusEndpoint: false } endpoint || BrokerAccess.Of(endpoint) is not { } access)
            return;
        if (!_brokers.TryGetValue(access.Description, out var broker))
            _brokers.Add(access.Description, broker = new RabbitMqDeadLetters(access, limits, options, time));
        var (settings, topology) = (endpoint.Settings, endpoint.Topology.Send);
        // A rider's endpoint is also declared here, and has no such queues.
        endpoint.AddEndpointSpecification(new EndpointBuild(() => queues.Add(
            settings.QueueName,
            topology.ErrorQueueNameFormatter.FormatErrorQueueName(settings.ExchangeName),
            topology.DeadLetterQueueNameFormatter.FormatDeadLetterQueueName(settings.ExchangeName),
            broker)));
        configurator.ConnectReceiveEndpointObserver(new FaultObserver(settings.QueueName, trips, endpoints));
    }
}
