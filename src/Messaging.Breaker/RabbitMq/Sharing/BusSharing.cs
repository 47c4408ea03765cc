using MassTransit;
using Messaging.Breaker.RabbitMq.Sharing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker;

/// <summary>Shares the breakers' state among the instances of a fleet with nothing but the RabbitMQ that they have anyway.</summary>
public static class BusSharing
{
    /// <summary>
    /// Shares the breakers' state over RabbitMQ: a trip anywhere opens everywhere, one instance probes, and an instance that starts in the
    /// middle of an outage knows of it. The broker keeps the state, also while no instance lives.
    /// </summary>
    /// <param name="breakers">The breakers.</param>
    /// <param name="configure">Sets the options; without it the broker is the one of MassTransit's RabbitMqTransportOptions.</param>
    /// <exception cref="OptionsValidationException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">Another store was chosen before.</exception>
    public static MessagingBreakerBuilder ShareOverBus(this MessagingBreakerBuilder breakers, Action<BusSharingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(breakers);
        return breakers.Share<BusSharingOptions>(
            (provider, options) => new BusStateStore(
                BusConnection.For(options, provider.GetRequiredService<IOptions<RabbitMqTransportOptions>>().Value),
                options,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILoggerFactory>()),
            configure);
    }
}
