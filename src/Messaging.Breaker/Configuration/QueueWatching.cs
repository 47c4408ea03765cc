using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.RabbitMq;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Configuration;

/// <summary>The services that <c>WatchQueues</c> adds to the container.</summary>
static class QueueWatching
{
    public static void AddTo(IServiceCollection services, Action<QueueDepthOptions>? configure)
    {
        if (configure is not null)
            services.Configure(configure);
        if (services.Any(service => service.ServiceType == typeof(QueueMonitor)))
            return;
        services.AddMetrics();
        services.AddSingleton<IPostConfigureOptions<QueueDepthOptions>>(provider => new QueueDepthSection(provider.GetService<IConfiguration>()));
        services.AddSingleton<IValidateOptions<QueueDepthOptions>, QueueDepthOptionsValidator>();
        services.AddSingleton<IValidateOptions<QueueDepthOptions>, BrokerAddressRule>();
        services.AddSingleton<WatchedQueues>();
        services.AddSingleton<IErrorQueues, ErrorQueues>();
        services.AddSingleton<QueueDiscovery>();
        services.AddSingleton<QueueMonitor>();
        services.AddSingleton<IQueueMonitor>(provider => provider.GetRequiredService<QueueMonitor>());
        services.AddSingleton<QueueMetrics>();
        // The factory's own loggers write the whole address, which may contain a secret.
        services.AddHttpClient(ManagementApi.Client).RemoveAllLoggers().ConfigurePrimaryHttpMessageHandler(CreateHandler);
        services.AddHttpClient(WebhookAlertSink.Client).RemoveAllLoggers().ConfigurePrimaryHttpMessageHandler(CreateHandler);
        services.AddSingleton<LogAlertSink>();
        services.AddSingleton<BusAlertSink>();
        services.AddSingleton<WebhookAlertSink>();
        services.AddSingleton(CreateDelivery);
        services.AddHostedService(provider => provider.GetRequiredService<QueueDiscovery>());
        services.AddHostedService<QueueMonitorService>();
    }

    /// <summary>
    /// An alert and its signature or password go only to the configured address. The address, whose path may be a secret, appears in no span,
    /// because a handler without a propagator creates none.
    /// </summary>
    static SocketsHttpHandler CreateHandler() => new() { AllowAutoRedirect = false, ActivityHeadersPropagator = null };

    static AlertDelivery CreateDelivery(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<QueueDepthOptions>>().Value;
        var sinks = new List<IAlertSink> { provider.GetRequiredService<LogAlertSink>() };
        if (options.PublishAlerts)
            sinks.Add(provider.GetRequiredService<BusAlertSink>());
        if (options.Webhook.Address is not null)
            sinks.Add(provider.GetRequiredService<WebhookAlertSink>());
        sinks.AddRange(provider.GetServices<IAlertSink>());
        return ActivatorUtilities.CreateInstance<AlertDelivery>(provider, (IEnumerable<IAlertSink>)sinks);
    }
}
