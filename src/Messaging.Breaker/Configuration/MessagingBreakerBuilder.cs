using Messaging.Breaker.Breakers;
using Messaging.Breaker.Configuration;
using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.Reports;
using Messaging.Breaker.Sharing;
using Messaging.Breaker.Windows;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker;

/// <summary>Declares the breakers of a process. Used at start, on one thread.</summary>
public sealed class MessagingBreakerBuilder
{
    readonly BreakerNames _names;

    internal MessagingBreakerBuilder(IServiceCollection services, BreakerNames names) => (Services, _names) = (services, names);

    /// <summary>The services of the host, for extensions.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Adds a breaker for one dependency. Its options can also be set in configuration under <c>Breakers:{name}</c>, which wins. A breaker
    /// that is only named there is added too.
    /// </summary>
    /// <param name="name">The dependency's name, as in "payments": letters, digits, '.', '_' and '-'. Not case-sensitive.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The name is malformed, or was added before.</exception>
    public MessagingBreakerBuilder Add(string name, Action<BreakerOptions>? configure = null)
    {
        _names.Add(name);
        if (configure is not null)
            Services.Configure(name, configure);
        return this;
    }

    /// <summary>
    /// Splits the breaker that was added last by a key of its messages: <see cref="BreakerOptions.PartitionBy{TMessage}"/>.
    /// </summary>
    /// <inheritdoc cref="BreakerOptions.PartitionBy{TMessage}"/>
    /// <exception cref="InvalidOperationException">No breaker was added before.</exception>
    public MessagingBreakerBuilder PartitionBy<TMessage>(Func<TMessage, string?> key) where TMessage : class
    {
        ArgumentNullException.ThrowIfNull(key);
        Services.Configure<BreakerOptions>(Latest(nameof(PartitionBy)), options => options.PartitionBy(key));
        return this;
    }

    /// <summary>
    /// Splits the breaker that was added last by a header of its messages: <see cref="BreakerOptions.PartitionByHeader"/>.
    /// </summary>
    /// <param name="header">The header's name.</param>
    /// <exception cref="InvalidOperationException">No breaker was added before.</exception>
    public MessagingBreakerBuilder PartitionByHeader(string header)
    {
        ArgumentException.ThrowIfNullOrEmpty(header);
        Services.Configure<BreakerOptions>(Latest(nameof(PartitionByHeader)), options => options.PartitionByHeader(header));
        return this;
    }

    string Latest(string caller) => _names.All is [.., var latest] ? latest
        : throw new InvalidOperationException($"{caller} splits the breaker that was added before it: call Add(\"...\") first.");

    /// <summary>
    /// Shares the breakers with the other instances that use the same store: a trip on one instance opens the breaker on all, one probes
    /// for all, and an instance that starts during an outage learns of it before it consumes. While the store is out of reach, each
    /// instance continues on its own.
    /// </summary>
    /// <typeparam name="TOptions">The options of the store.</typeparam>
    /// <param name="store">
    /// Creates the store when the host starts. It must not wait for a connection. The store is disposed after the host has stopped.
    /// </param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <exception cref="OptionsValidationException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">Another store was chosen before.</exception>
    public MessagingBreakerBuilder Share<TOptions>(
        Func<IServiceProvider, TOptions, IBreakerStateStore> store, Action<TOptions>? configure = null) where TOptions : SharingOptions, new()
    {
        ArgumentNullException.ThrowIfNull(store);
        if (Services.Any(service => service.ServiceType == typeof(FleetRegistration)))
            throw new InvalidOperationException("The breakers of this host are already shared through another store; choose one.");
        var options = new TOptions();
        configure?.Invoke(options);
        if (options.Validate().ToList() is { Count: > 0 } problems)
            throw new OptionsValidationException("", typeof(TOptions), problems);
        Services.AddSingleton(new FleetRegistration(options, provider => store(provider, options)));
        Services.AddSingleton<FleetStore>();
        Services.AddSingleton<IFleetHolds, StoreHolds>();
        Services.AddSingleton<ReportWriter>();
        Services.AddSingleton<IFleetReports, FleetReports>();
        Services.AddHostedService<FleetMember>();
        Services.AddHostedService<ReportKeeper>();
        Services.AddSingleton<FleetAlerts>();
        Services.AddSingleton<IAlertSender>(provider => provider.GetRequiredService<FleetAlerts>());
        Services.AddHostedService(provider => provider.GetRequiredService<FleetAlerts>());
        return this;
    }

    /// <summary>
    /// Plans an isolation of a breaker or a hold of an endpoint, once or repeating. The options can also be set in configuration under
    /// <c>Breakers:Windows:{name}</c>, which wins. A window that is only named there is planned too.
    /// </summary>
    /// <param name="name">The window's name, as in "nightly": letters, digits, '.', '_' and '-'. Not case-sensitive.</param>
    /// <param name="configure">Sets the options, which are validated when the host starts.</param>
    public MessagingBreakerBuilder PlanWindow(string name, Action<PlannedWindowOptions> configure)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        Services.AddSingleton(new WindowDeclaration(name, configure));
        return this;
    }

    /// <summary>
    /// Watches the queues of guarded endpoints, and any others that you name: depth, forecast, alerts and metrics, through
    /// <see cref="IQueueMonitor"/>. RabbitMQ only: the monitor reports no queues of other transports. The options can also be set in
    /// configuration under <c>QueueDepth</c>, which wins.
    /// </summary>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    public MessagingBreakerBuilder WatchQueues(Action<QueueDepthOptions>? configure = null)
    {
        QueueWatching.AddTo(Services, configure);
        return this;
    }

    /// <summary>
    /// Names further dead letters that <see cref="IDeadLetters"/> offers. It always offers those of the guarded endpoints. Can be called
    /// several times.
    /// </summary>
    /// <param name="configure">Sets the options.</param>
    public MessagingBreakerBuilder OfferDeadLetters(Action<DeadLetterOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }
}
