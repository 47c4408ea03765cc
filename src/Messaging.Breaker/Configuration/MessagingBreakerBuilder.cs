using Messaging.Breaker.Configuration;
using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.Sharing;
using Messaging.Breaker.Sharing.Alerts;
using Messaging.Breaker.Sharing.Reports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker;

/// <summary>Declares the breakers of a process. Used at start, by one thread.</summary>
public sealed class MessagingBreakerBuilder
{
    readonly BreakerNames _names;

    internal MessagingBreakerBuilder(IServiceCollection services, BreakerNames names) => (Services, _names) = (services, names);

    /// <summary>The services of the host, for extensions.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Adds a breaker for one dependency. Its options may also be set, and are overridden, in configuration under <c>Breakers:{name}</c>;
    /// a breaker named only there is added, too.
    /// </summary>
    /// <param name="name">The dependency's name, as in "payments": letters, digits, '.', '_' and '-'. Compared without regard to case.</param>
    /// <param name="configure">Sets the options; without it the defaults serve.</param>
    /// <exception cref="ArgumentException">The name is malformed, or was added before.</exception>
    public MessagingBreakerBuilder Add(string name, Action<BreakerOptions>? configure = null)
    {
        _names.Add(name);
        if (configure is not null)
            Services.Configure(name, configure);
        return this;
    }

    /// <summary>Splits the breaker that was added last by a key of its messages: <see cref="BreakerOptions.PartitionBy{TMessage}"/>.</summary>
    /// <inheritdoc cref="BreakerOptions.PartitionBy{TMessage}"/>
    /// <exception cref="InvalidOperationException">No breaker was added before.</exception>
    public MessagingBreakerBuilder PartitionBy<TMessage>(Func<TMessage, string?> key) where TMessage : class
    {
        ArgumentNullException.ThrowIfNull(key);
        Services.Configure<BreakerOptions>(Latest(nameof(PartitionBy)), options => options.PartitionBy(key));
        return this;
    }

    /// <summary>Splits the breaker that was added last by a header of its messages: <see cref="BreakerOptions.PartitionByHeader"/>.</summary>
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
    /// Shares the breakers with the other instances that use the same store: a trip on one opens all, one probes for all, and an instance
    /// that starts during an outage learns of it before it consumes. While the store is out of reach each goes on by itself.
    /// </summary>
    /// <typeparam name="TOptions">The options of the store.</typeparam>
    /// <param name="store">Makes the store when the host starts. It must not wait for a connection. Disposed of after the host has stopped.</param>
    /// <param name="configure">Sets the options; without it the defaults serve.</param>
    /// <exception cref="OptionsValidationException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">Another store was chosen before.</exception>
    public MessagingBreakerBuilder Share<TOptions>(
        Func<IServiceProvider, TOptions, IBreakerStateStore> store, Action<TOptions>? configure = null) where TOptions : SharingOptions, new()
    {
        ArgumentNullException.ThrowIfNull(store);
        if (Services.Any(service => service.ServiceType == typeof(FleetRegistration)))
            throw new InvalidOperationException("The breakers of this host are shared already; choose one store.");
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
        Services.AddSingleton<IAlertVoice>(provider => provider.GetRequiredService<FleetAlerts>());
        Services.AddHostedService(provider => provider.GetRequiredService<FleetAlerts>());
        return this;
    }

    /// <summary>
    /// Watches the queues behind guarded endpoints, and any others named: depth, forecast, alerts and metrics, by <see cref="IQueueMonitor"/>.
    /// On RabbitMQ; of other transports' queues the monitor says nothing. The options may also be set, and are overridden, in configuration
    /// under <c>QueueDepth</c>.
    /// </summary>
    /// <param name="configure">Sets the options; without it the defaults serve.</param>
    public MessagingBreakerBuilder WatchQueues(Action<QueueDepthOptions>? configure = null)
    {
        QueueWatching.AddTo(Services, configure);
        return this;
    }

    /// <summary>
    /// Says which dead letters <see cref="IDeadLetters"/> offers beside those of the guarded endpoints, which it offers without being asked. May be
    /// called several times.
    /// </summary>
    /// <param name="configure">Sets the options.</param>
    public MessagingBreakerBuilder OfferDeadLetters(Action<DeadLetterOptions> configure)
    {
        Services.Configure(configure);
        return this;
    }
}
