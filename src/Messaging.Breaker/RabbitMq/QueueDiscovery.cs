using MassTransit;
using MassTransit.RabbitMqTransport.Configuration;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Messaging.Breaker.QueueDepth;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.RabbitMq;

/// <summary>Registers the queues of a bus with the monitor: their names, their declared limits, and their broker.</summary>
sealed class QueueDiscovery(
    WatchedQueues watched, DeliveryLimits limits, IOptions<QueueDepthOptions> options, IHttpClientFactory clients, TimeProvider time, ILoggerFactory loggers)
    : IEndpointConfigurationObserver, IHostedService
{
    readonly ILogger _log = loggers.CreateLog();

    void IEndpointConfigurationObserver.EndpointConfigured<T>(T configurator)
    {
        if (configurator is not RabbitMqReceiveEndpointConfiguration endpoint)
            return;
        var settings = endpoint.Settings;
        if (BrokerAccess.Of(endpoint, options.Value) is not { } broker)
            _log.QueueUnwatched(settings.QueueName);
        else
        {
            var limits = LimitsOf(settings.QueueArguments);
            watched.Add(broker.Description, () => Open(broker));
            // A rider's endpoint is also declared here, and has no queue.
            configurator.AddEndpointSpecification(new EndpointBuild(() => watched.Add(broker.Description, settings.QueueName, limits)));
            configurator.ConnectReceiveEndpointObserver(new EndpointRemoval(() => watched.Remove(broker.Description, settings.QueueName, limits)));
        }
    }

    /// <summary>A broker that was named does not need a bus.</summary>
    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.BrokerAddress is { } address && BrokerAccess.Of(address) is var broker)
            watched.Add(broker.Description, () => Open(broker));
        return Task.CompletedTask;
    }

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    QueueSampler Open(BrokerAccess broker) => new QueueSampler(
        broker,
        options.Value.ManagementAddress is { } address ? new ManagementApi(new Uri(address), broker, limits, clients, _log) : null,
        time,
        _log);

    static QueueLimits LimitsOf(IDictionary<string, object> arguments) => new(
        arguments.Number("x-max-length"), arguments.Number("x-message-ttl") is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null);
}
