using System.Runtime.CompilerServices;
using MassTransit;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Configuration;
using Messaging.Breaker.DeadLetters;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Probing;
using Messaging.Breaker.RabbitMq;
using Messaging.Breaker.RabbitMq.DeadLetters;
using Messaging.Breaker.Sharing;
using Messaging.Breaker.Telemetry;
using Messaging.Breaker.Transports;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker;

/// <summary>How breakers are added to a host, a bus, an endpoint and an HTTP client.</summary>
public static class MessagingBreakerExtensions
{
    /// <summary>The buses that are being configured; an entry goes with its bus.</summary>
    static readonly ConditionalWeakTable<IBusFactoryConfigurator, object> Guarded = [];

    /// <summary>
    /// Adds breakers to the host: those named here and those named in the configuration's section <c>Breakers</c>. Their options are
    /// validated when the host starts. May be called several times, with different names.
    /// </summary>
    /// <exception cref="ArgumentException">A name is malformed, or was added before.</exception>
    /// <exception cref="ConfigurationException">The application mixes versions of MassTransit's packages.</exception>
    public static IServiceCollection AddMessagingBreaker(this IServiceCollection services, Action<MessagingBreakerBuilder>? configure = null)
    {
        // Here already, since a bus of a mix may fail before it comes to UseMessagingBreaker.
        MassTransitVersions.Check();
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
    /// <remarks>
    /// On RabbitMQ a guarded endpoint is paused; in memory its messages are held in process. On any other transport the bus refuses guarded endpoints
    /// when it is built, unless <see cref="BusBreakerOptions.AllowHolding"/> is set. A host with several buses calls it on each.
    /// </remarks>
    /// <exception cref="ConfigurationException">
    /// MassTransit's version lacks something that the library relies on, AddMessagingBreaker was not called, or this was called on the bus before.
    /// </exception>
    public static void UseMessagingBreaker(
        this IBusFactoryConfigurator configurator, IServiceProvider provider, Action<BusBreakerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(configurator);
        var options = new BusBreakerOptions();
        configure?.Invoke(options);
        if (!Guarded.TryAdd(configurator, configurator))
            throw new ConfigurationException(
                "UseMessagingBreaker(context) was called twice on one bus: two gates would pause and resume each of its endpoints. Call it once, with all options.");
        MassTransitInternals.Check();
        if (provider.GetService<BreakerRegistry>() is not { } breakers)
            throw new ConfigurationException("UseMessagingBreaker(context) needs services.AddMessagingBreaker(...) beside services.AddMassTransit(...).");
        var guarding = new BusGuarding(
            provider,
            breakers,
            provider.GetRequiredService<EndpointRegistry>(),
            options,
            provider.GetRequiredService<EndpointBreakers>(),
            provider.GetRequiredService<TransportChoice>(),
            provider.GetRequiredService<BreakerTelemetry>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>());
        provider.GetRequiredService<GuardedBuses>().Add(guarding);
        configurator.ConnectEndpointConfigurationObserver(guarding);
        if (provider.GetService<QueueDiscovery>() is { } discovery)
            configurator.ConnectEndpointConfigurationObserver(discovery);
        configurator.ConnectEndpointConfigurationObserver(new DeadLetterDiscovery(
            provider.GetRequiredService<KnownQueues>(),
            provider.GetRequiredService<TripBook>(),
            provider.GetRequiredService<IEndpointRegistry>(),
            provider.GetRequiredService<DeliveryLimits>(),
            options,
            provider.GetRequiredService<TimeProvider>()));
        configurator.ConnectBusObserver(guarding);
    }

    /// <summary>Guards every message of an endpoint with a breaker. May be called several times, for several breakers.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="breaker">The breaker's name. An unknown one is refused when the bus is built.</param>
    public static void UseBreaker(this IReceiveEndpointConfigurator endpoint, string breaker)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrEmpty(breaker);
        GuardDeclaration.Declare(endpoint, [breaker]);
    }

    /// <summary>
    /// Guards every message of an endpoint with several breakers, of dependencies that can stand in for each other, as the regions of one service do: the
    /// endpoint pauses only when none of them is closed. Handlers ask <see cref="IBreakerRegistry.FirstClosed"/> which to call.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="breakers">
    /// The breakers' names, at least two. Unknown ones are refused when the bus is built, and those that guard the endpoint otherwise, too.
    /// </param>
    /// <exception cref="ArgumentException">There are fewer than two, or one of them is named twice.</exception>
    public static void UseAnyBreaker(this IReceiveEndpointConfigurator endpoint, params string[] breakers)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(breakers);
        if (AlternativeNames.ProblemOf(breakers) is { } problem)
            throw new ArgumentException($"UseAnyBreaker {problem}.", nameof(breakers));
        GuardDeclaration.Declare(endpoint, [.. breakers]);
    }

    /// <summary>
    /// Lets a guarded endpoint start held, as by an operator, until it is resumed: <see cref="BusBreakerOptions.StartPaused"/> says it for all of a bus, and
    /// the configuration comes before both.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="reason">Why, for logs and whoever is on call.</param>
    /// <exception cref="ArgumentException">The reason is blank.</exception>
    public static void StartPaused(this IReceiveEndpointConfigurator endpoint, string reason)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        StartDeclaration.Declare(endpoint, reason);
    }

    /// <summary>
    /// Attributes the calls of an HTTP or gRPC client to a breaker. While the breaker refuses, calls end in
    /// <see cref="BreakerOpenException"/> and are not made. Add it before (outside of) handlers that retry to count what the handler of the
    /// message sees, or after (inside) to count every single call.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A call ends when its body has been read to the end, fails, or is disposed, also with
    /// <see cref="HttpCompletionOption.ResponseHeadersRead"/>; its duration includes the body. A body that is disposed before its end is a
    /// success: its reader had enough. An answer that fails by its status, or has no body, ends the call at once.
    /// </para>
    /// <para>
    /// A call fails by an exception, a time-out, a body that hangs or is cut, or a status of 408, 429 or 5xx; 429 and 503 with Retry-After
    /// trip at once and are honoured up to an hour. 401, 403 and 407 count neither as success nor as failure: they hit everybody when
    /// credentials expire. Any other answer is a success.
    /// </para>
    /// <para>
    /// gRPC is recognised by the content type application/grpc, with any suffix such as +proto. Its status is read from the trailers, or from
    /// the headers of an answer without a body. A call fails by UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE and
    /// DATA_LOSS, by an answer without a valid status, and by one that is not gRPC, such as a proxy's page. PERMISSION_DENIED and
    /// UNAUTHENTICATED are treated like 403 and 401; the others are successes. A failure with grpc-retry-pushback-ms above zero trips at once
    /// and is honoured up to an hour. A streaming call ends with its stream; a client that stops it early has not failed. gRPC-Web counts as
    /// plain HTTP: the status in its body is not read.
    /// </para>
    /// </remarks>
    /// <param name="client">The client.</param>
    /// <param name="breaker">The breaker's name. An unknown one is refused when the client is first made.</param>
    /// <param name="partitionBy">
    /// Splits the breaker by a key of its calls, such as the host of the address: see <see cref="BreakerOptions.PartitionBy{TMessage}"/>. A message that
    /// tells no key itself belongs to that of its first call. Null or empty for none; must be quick and thread-safe. Default null: not split by calls.
    /// </param>
    public static IHttpClientBuilder AddBreaker(this IHttpClientBuilder client, string breaker, Func<HttpRequestMessage, string?>? partitionBy = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(breaker);
        if (partitionBy is not null)
            client.Services.Configure<BreakerOptions>(breaker, options => options.KeySelectors.AddCalls());
        return client.AddHttpMessageHandler(provider => new BreakerHttpHandler(
            provider.GetBreakers($"AddBreaker(\"{breaker}\")").Get(breaker), provider.GetRequiredService<TimeProvider>(), partitionBy));
    }

    /// <summary>The breakers of the host, or an error that says what is missing.</summary>
    internal static BreakerRegistry GetBreakers(this IServiceProvider provider, string caller) =>
        provider.GetService<BreakerRegistry>() ?? throw new InvalidOperationException($"{caller} needs services.AddMessagingBreaker(...), which adds the breakers.");

    static void AddServices(IServiceCollection services)
    {
        services.AddOptions();
        services.AddLogging();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new BreakersSection(provider.GetService<IConfiguration>()));
        services.AddSingleton<IValidateOptions<BreakerOptions>, BreakerOptionsValidator>();
        services.AddSingleton<IPostConfigureOptions<BreakerOptions>>(provider => provider.GetRequiredService<BreakersSection>());
        services.AddSingleton<EndpointBreakers>();
        services.AddSingleton<IConfigureOptions<BreakerOptions>>(provider => provider.GetRequiredService<EndpointBreakers>());
        services.AddSingleton<DeliveryLimits>();
        services.AddSingleton<ITransportAdapter, RabbitMqAdapter>();
        services.AddSingleton<ITransportAdapter, InMemoryAdapter>();
        services.AddSingleton<TransportChoice>();
        services.AddSingleton<BreakerRegistry>();
        services.AddSingleton<EndpointRegistry>();
        services.AddSingleton<BreakerTelemetry>();
        services.AddSingleton<IBreakerRegistry>(provider => provider.GetRequiredService<BreakerRegistry>());
        services.AddSingleton<IEndpointRegistry>(provider => provider.GetRequiredService<EndpointRegistry>());
        services.AddSingleton<FleetLedger>();
        services.AddSingleton<KnownQueues>();
        services.AddSingleton<LedgerKeeper>();
        services.AddSingleton<TripBook>();
        services.AddSingleton<IDeadLetters, DeadLetterService>();
        services.AddSingleton<GuardedBuses>();
        services.AddSingleton<IBusObserver, UnguardedBusCheck>();
        services.AddHostedService<StartupCheck>();
        services.AddHostedService(provider => provider.GetRequiredService<BreakerTelemetry>());
        services.AddHostedService<ActiveProbing>();
        services.AddHostedService(provider => provider.GetRequiredService<LedgerKeeper>());
    }
}
