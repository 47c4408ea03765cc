using System.Collections.Concurrent;
using MassTransit.RabbitMqTransport.Configuration;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.RabbitMq;

/// <summary>The delivery limits that brokers report over their management API. Thread-safe.</summary>
sealed class DeliveryLimits(IOptions<QueueDepthOptions> options)
{
    readonly ConcurrentDictionary<(string Broker, string Queue), long> _told = new();

    public void Tell(string broker, string queue, long limit) => _told[(broker, queue)] = limit;

    /// <summary>The limit of an endpoint's queue, always as currently known.</summary>
    public Func<long?> Of(RabbitMqReceiveEndpointConfiguration endpoint)
    {
        if (options.Value.ManagementAddress is null || BrokerAccess.Of(endpoint, options.Value) is not { } broker)
            return () => null;
        return () => Find(broker.Description, endpoint.Settings.QueueName);
    }

    public long? Find(string broker, string queue) => _told.TryGetValue((broker, queue), out var limit) ? limit : null;
}
