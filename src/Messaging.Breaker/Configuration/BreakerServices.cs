using MassTransit;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.DeadLetters;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Outages;
using Messaging.Breaker.RabbitMq;
using Messaging.Breaker.Sharing;
using Messaging.Breaker.Telemetry;
using Messaging.Breaker.Transports;
using Messaging.Breaker.Windows;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Configuration;

/// <summary>The services that every host with breakers has. What a user adds to them is registered by the builder's methods.</summary>
static class BreakerServices
{
    public static void AddBreakerServices(this IServiceCollection services) => services
        .AddPlatform()
        .AddBreakers()
        .AddEndpoints()
        .AddTelemetry()
        .AddDeadLetters()
        .AddOutageReports()
        .AddWindows();

    static IServiceCollection AddPlatform(this IServiceCollection services)
    {
        services.AddOptions();
        services.AddLogging();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        return services;
    }

    static IServiceCollection AddBreakers(this IServiceCollection services) => services
        .AddSingleton(provider => new BreakersSection(provider.GetService<IConfiguration>()))
        .AddSingleton<IPostConfigureOptions<BreakerOptions>>(provider => provider.GetRequiredService<BreakersSection>())
        .AddSingleton<IValidateOptions<BreakerOptions>, BreakerOptionsValidator>()
        .AddSingleton<EndpointBreakers>()
        .AddSingleton<IConfigureOptions<BreakerOptions>>(provider => provider.GetRequiredService<EndpointBreakers>())
        .AddSingleton<BreakerRegistry>()
        .AddSingleton<IBreakerRegistry>(provider => provider.GetRequiredService<BreakerRegistry>())
        .AddHostedService<StartupCheck>()
        .AddHostedService<ActiveProbing>();

    static IServiceCollection AddEndpoints(this IServiceCollection services) => services
        .AddSingleton<DeliveryLimits>()
        .AddSingleton<ITransportAdapter, RabbitMqAdapter>()
        .AddSingleton<ITransportAdapter, InMemoryAdapter>()
        .AddSingleton<TransportChoice>()
        .AddSingleton<EndpointRegistry>()
        .AddSingleton<IEndpointRegistry>(provider => provider.GetRequiredService<EndpointRegistry>())
        .AddSingleton<GuardedBuses>()
        .AddSingleton<IBusObserver, UnguardedBusCheck>();

    static IServiceCollection AddTelemetry(this IServiceCollection services) => services
        .AddSingleton<BreakerMeter>()
        .AddSingleton<BreakerTelemetry>()
        .AddHostedService(provider => provider.GetRequiredService<BreakerTelemetry>());

    static IServiceCollection AddDeadLetters(this IServiceCollection services) => services
        .AddSingleton<KnownQueues>()
        .AddSingleton<FleetLedger>()
        .AddSingleton<LedgerKeeper>()
        .AddSingleton<IDeadLetters, DeadLetterService>()
        .AddHostedService(provider => provider.GetRequiredService<LedgerKeeper>());

    static IServiceCollection AddOutageReports(this IServiceCollection services) => services
        .AddSingleton<TripRecorder>()
        .AddSingleton<OutageTracker>()
        .AddSingleton<IFleetListener>(provider => provider.GetRequiredService<OutageTracker>())
        .AddSingleton<OutageKeeper>()
        .AddSingleton<IOutageReports>(provider => provider.GetRequiredService<OutageKeeper>())
        .AddHostedService(provider => provider.GetRequiredService<OutageKeeper>());

    static IServiceCollection AddWindows(this IServiceCollection services) => services
        .AddSingleton<WindowReader>()
        .AddSingleton<KnownWindows>()
        .AddSingleton<FleetWindows>()
        .AddSingleton<WindowActions>()
        .AddSingleton<WindowChanges>()
        .AddSingleton<IFleetListener>(provider => provider.GetRequiredService<WindowChanges>())
        .AddSingleton<IPlannedWindows, WindowPlanner>()
        .AddHostedService<WindowKeeper>();
}
