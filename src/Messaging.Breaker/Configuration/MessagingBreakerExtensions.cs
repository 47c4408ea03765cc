using MassTransit;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Configuration;
using Messaging.Breaker.Gating;
using Messaging.Breaker.RabbitMq;
using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker;

/// <summary>How breakers are added to a host, a bus, an endpoint and an HTTP client.</summary>
public static class MessagingBreakerExtensions
{
    /// <summary>
    /// Adds breakers to the host: those named here and those named in the configuration's section <c>Breakers</c>. Their options are
    /// validated when the host starts. May be called several times, with different names.
    /// </summary>
    /// <exception cref="ArgumentException">A name is malformed, or was added before.</exception>
    public static IServiceCollection AddMessagingBreaker(this IServiceCollection services, Action<MessagingBreakerBuilder>? configure = null)
    {
        var names = services.FirstOrDefault(service => service.ServiceType == typeof(BreakerNames))?.ImplementationInstance as BreakerNames;
        if (names is null)
        {
            names = new BreakerNames();
            services.AddSingleton(names);
            AddServices(services);
        }

        configure?.Invoke(new MessagingBreakerBuilder(services, names));
        return services;
    }

    /// <summary>
    /// Lets breakers guard the endpoints of this bus: those whose consumers carry <see cref="GuardedByAttribute"/>, and those that call
    /// <see cref="UseBreaker"/>. Must come before the endpoints are declared; later ones, also those connected at run time, are seen.
    /// </summary>
    /// <param name="configurator">The bus.</param>
    /// <param name="provider">The container, as in the registration context that MassTransit hands to the bus's configuration.</param>
    /// <param name="configure">What holds for all guarded endpoints of the bus.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ConfigurationException">MassTransit's version lacks something that the library relies on, or AddMessagingBreaker was not called.</exception>
    public static void UseMessagingBreaker(
        this IBusFactoryConfigurator configurator, IServiceProvider provider, Action<BusBreakerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        var options = new BusBreakerOptions();
        configure?.Invoke(options);
        MassTransitInternals.Check();
        if (provider.GetService<BreakerRegistry>() is not { } breakers)
            throw new ConfigurationException("UseMessagingBreaker(context) needs services.AddMessagingBreaker(...) beside services.AddMassTransit(...).");
        var guarding = new BusGuarding(
            provider,
            breakers,
            provider.GetRequiredService<EndpointRegistry>(),
            options,
            provider.GetRequiredService<BreakerTelemetry>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>());
        configurator.ConnectEndpointConfigurationObserver(guarding);
        if (provider.GetService<QueueDiscovery>() is { } discovery)
            configurator.ConnectEndpointConfigurationObserver(discovery);
        configurator.ConnectBusObserver(guarding);
    }

    /// <summary>Guards every message of an endpoint with a breaker. May be called several times, for several breakers.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="breaker">The breaker's name. An unknown one is refused when the bus is built.</param>
    public static void UseBreaker(this IReceiveEndpointConfigurator endpoint, string breaker)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrEmpty(breaker);
        if (endpoint is IMediatorConfigurator)
            throw new ConfigurationException(
                $"UseBreaker(\"{breaker}\"): the mediator has no queue in which messages could wait. Call the dependency through breaker.ExecuteAsync or "
                + "an HttpClient with AddBreaker: while the breaker is open, handlers fail at once with BreakerOpenException.");
        GuardDeclaration.Declare(endpoint, breaker);
    }

    /// <summary>
    /// Attributes the calls of an HTTP client to a breaker. A call fails by an exception, a time-out, or a status of 408, 429 or 5xx; 429
    /// and 503 with Retry-After trip at once and are honoured up to an hour. While the breaker refuses, calls end in
    /// <see cref="BreakerOpenException"/> and are not made. Add it before (outside of) handlers that retry to count what the handler of the
    /// message sees, or after (inside) to count every single call.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="breaker">The breaker's name. An unknown one is refused when the client is first made.</param>
    public static IHttpClientBuilder AddBreaker(this IHttpClientBuilder client, string breaker)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(breaker);
        return client.AddHttpMessageHandler(provider => new BreakerHttpHandler(
            provider.GetRequiredService<BreakerRegistry>().Get(breaker), provider.GetRequiredService<TimeProvider>()));
    }

    static void AddServices(IServiceCollection services)
    {
        services.AddOptions();
        services.AddLogging();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new BreakersSection(provider.GetService<IConfiguration>()));
        services.AddSingleton<IValidateOptions<BreakerOptions>, BreakerOptionsValidator>();
        services.AddSingleton<IPostConfigureOptions<BreakerOptions>>(provider => provider.GetRequiredService<BreakersSection>());
        services.AddSingleton<BreakerRegistry>();
        services.AddSingleton<EndpointRegistry>();
        services.AddSingleton<BreakerTelemetry>();
        services.AddSingleton<IBreakerRegistry>(provider => provider.GetRequiredService<BreakerRegistry>());
        services.AddSingleton<IEndpointRegistry>(provider => provider.GetRequiredService<EndpointRegistry>());
        services.AddHostedService<StartupCheck>();
        services.AddHostedService(provider => provider.GetRequiredService<BreakerTelemetry>());
    }
}
