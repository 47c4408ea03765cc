using MassTransit;
using MassTransit.RabbitMqTransport.Configuration;
using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.RabbitMq;

/// <summary>Tells the monitor of the queues of a bus: what they are called, what limits they declare, and where their broker is.</summary>
sealed class QueueDiscovery(
    WatchedQueues watched, IOptions<QueueDepthOptions> options, IHttpClientFactory clients, TimeProvider time, ILoggerFactory loggers)
    : IEndpointConfigurationObserver, IHostedService
{
    readonly ILogger _log = loggers.CreateLogger(Log.Category);

    void IEndpointConfigurationObserver.EndpointConfigured<T>(T configurator)
    {
        if (configurator is not RabbitMqReceiveEndpointConfiguration endpoint)
            return;
        var settings = endpoint.Settings;
        var broker = options.Value.BrokerAddress is { } address ? BrokerAccess.Of(address) : BrokerAccess.Of(endpoint);
        if (broker is null)
            _log.QueueUnwatched(settings.QueueName);
        else
        {
            watched.Add(broker.Description, () => Open(broker));
            watched.Add(broker.Description, settings.QueueName, LimitsOf(settings.QueueArguments));
        }
    }

    /// <summary>A broker that was named needs no bus.</summary>
    Task IHostedService.StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.BrokerAddress is { } address && BrokerAccess.Of(address) is var broker)
            watched.Add(broker.Description, () => Open(broker));
        return Task.CompletedTask;
    }

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    QueueSampler Open(BrokerAccess broker) => new QueueSampler(
        broker,
        options.Value.ManagementAddress is { } address ? new ManagementApi(new Uri(address), broker, clients, _log) : null,
        time,
        _log);

    static QueueLimits LimitsOf(IDictionary<string, object> arguments) => new(
        arguments.TryGetValue("x-max-length", out var length) ? Number(length) : null,
        arguments.TryGetValue("x-message-ttl", out var life) && Number(life) is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null);

    static long? Number(object? value) => value is IConvertible number and not string ? number.ToInt64(null) : null;
}
