using System.Runtime.CompilerServices;
using MassTransit;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Configuration;
using Messaging.Breaker.RabbitMq;
using Messaging.Breaker.RabbitMq.DeadLetters;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker;

/// <summary>Adds breakers to a host, a bus, an endpoint and an HTTP client.</summary>
public static class MessagingBreakerExtensions
{
    /// <summary>The buses that are being configured; an entry lives as long as its bus.</summary>
    static readonly ConditionalWeakTable<IBusFactoryConfigurator, object> Guarded = [];

    /// <summary>
    /// Adds breakers to the host: those named here and those named in the section <c>Breakers</c> of the configuration. Their options are
    /// validated when the host starts. Can be called several times, with different names.
    /// </summary>
    /// <exception cref="ArgumentException">A name is malformed, or was added before.</exception>
    /// <exception cref="ConfigurationException">The application mixes versions of MassTransit's packages.</exception>
    public static IServiceCollection AddMessagingBreaker(this IServiceCollection services, Action<MessagingBreakerBuilder>? configure = null)
    {
        // Checked here, because a bus with mixed package versions may fail before it calls UseMessagingBreaker.
        MassTransitVersions.Check();
        var names = services.FirstOrDefault(service => service.ServiceType == typeof(BreakerNames))?.ImplementationInstance as BreakerNames;
        if (names is null)
        {
            names = new BreakerNames();
            services.AddSingleton(names);
            services.AddBreakerServices();
        }

        configure?.Invoke(new MessagingBreakerBuilder(services, names));
        return services;
    }

    /// <summary>
    /// Lets breakers guard the endpoints of this bus: those whose consumers carry <see cref="GuardedByAttribute"/>, and those that call
    /// <see cref="UseBreaker"/>. Call it before you declare the endpoints. It also sees endpoints that are connected at run time.
    /// </summary>
    /// <param name="configurator">The bus.</param>
    /// <param name="provider">
    /// The container, such as the registration context that MassTransit passes to the configuration of the bus.
    /// </param>
    /// <param name="configure">Sets the options for all guarded endpoints of the bus.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <remarks>
    /// On RabbitMQ, a guarded endpoint is paused; in memory, its messages are held in process. On any other transport, the bus refuses
    /// guarded endpoints when it is built, unless <see cref="BusBreakerOptions.AllowHolding"/> is set. A host with several buses calls this
    /// on each.
    /// </remarks>
    /// <exception cref="ConfigurationException">
    /// MassTransit's version lacks something that the library relies on, AddMessagingBreaker was not called, or this was called on the bus
    /// before.
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
        if (provider.GetService<BreakerRegistry>() is null)
            throw new ConfigurationException("UseMessagingBreaker(context) needs services.AddMessagingBreaker(...) in addition to services.AddMassTransit(...).");
        var guarding = ActivatorUtilities.CreateInstance<BusGuarding>(provider, options);
        provider.GetRequiredService<GuardedBuses>().Add(guarding);
        configurator.ConnectEndpointConfigurationObserver(guarding);
        if (provider.GetService<QueueDiscovery>() is { } discovery)
            configurator.ConnectEndpointConfigurationObserver(discovery);
        configurator.ConnectEndpointConfigurationObserver(ActivatorUtilities.CreateInstance<DeadLetterDiscovery>(provider, options));
        configurator.ConnectBusObserver(guarding);
    }

    /// <summary>Guards every message of an endpoint with a breaker. Can be called several times, for several breakers.</summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="breaker">The breaker's name. An unknown name is refused when the bus is built.</param>
    public static void UseBreaker(this IReceiveEndpointConfigurator endpoint, string breaker)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrEmpty(breaker);
        GuardDeclaration.Declare(endpoint, [breaker]);
    }

    /// <summary>
    /// Guards every message of an endpoint with several breakers of alternatives, such as the regions of one service. The endpoint pauses
    /// only when none of them is closed. Handlers ask <see cref="IBreakerRegistry.FirstClosed"/> which one to call.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="breakers">
    /// The breakers' names, at least two. When the bus is built, it refuses unknown names, and breakers that also guard the endpoint in
    /// another way.
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
    /// Lets a guarded endpoint start held, as if by an operator, until it is resumed. <see cref="BusBreakerOptions.StartPaused"/> does the
    /// same for all endpoints of a bus. Configuration takes precedence over both.
    /// </summary>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="reason">Why, for logs and the operator on call.</param>
    /// <exception cref="ArgumentException">The reason is blank.</exception>
    public static void StartPaused(this IReceiveEndpointConfigurator endpoint, string reason)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        StartDeclaration.Declare(endpoint, reason);
    }

    /// <summary>
    /// Attributes the calls of an HTTP or gRPC client to a breaker. While the breaker refuses calls, they are not made and end in
    /// <see cref="BreakerOpenException"/>. Add it before (outside of) handlers that retry to count what the message's handler sees, or
    /// after (inside) them to count every single call.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A call ends when its body has been read to the end, fails, or is disposed, also with
    /// <see cref="HttpCompletionOption.ResponseHeadersRead"/>. Its duration includes the body. A body that is disposed before its end is a
    /// success, because its reader had enough. An answer with a failing status, or without a body, ends the call at once.
    /// </para>
    /// <para>
    /// These are failures: an exception, a timeout, a body that hangs or is cut off, and a status of 408, 429 or 5xx. 429 and 503 with
    /// Retry-After trip at once, and are honoured up to an hour. 401, 403 and 407 are neither success nor failure: they hit every caller
    /// when credentials expire. Any other answer is a success.
    /// </para>
    /// <para>
    /// gRPC is recognised by the content type application/grpc, with any suffix such as +proto. Its status is read from the trailers, or
    /// from the headers of an answer without a body. These are failures: UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, INTERNAL,
    /// UNAVAILABLE and DATA_LOSS, an answer without a valid status, and an answer that is not gRPC, such as a proxy's page.
    /// PERMISSION_DENIED and UNAUTHENTICATED are treated like 403 and 401. The others are successes. A failure with grpc-retry-pushback-ms
    /// above zero trips at once, and is honoured up to an hour. A streaming call ends with its stream; a client that stops it early has not
    /// failed. gRPC-Web counts as plain HTTP: the status in its body is not read.
    /// </para>
    /// </remarks>
    /// <param name="client">The client.</param>
    /// <param name="breaker">The breaker's name. An unknown name is refused when the client is first created.</param>
    /// <param name="partitionBy">
    /// Splits the breaker by a key of its calls, such as the host of the address: see <see cref="BreakerOptions.PartitionBy{TMessage}"/>. A
    /// message without its own key gets the key of its first call. Null or empty for none. Must be quick and thread-safe. Default null: not
    /// split by calls.
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

    /// <summary>The breakers of the host, or an exception that says what is missing.</summary>
    internal static BreakerRegistry GetBreakers(this IServiceProvider provider, string caller) =>
        provider.GetService<BreakerRegistry>() ?? throw new InvalidOperationException($"{caller} needs services.AddMessagingBreaker(...), which adds the breakers.");
}
