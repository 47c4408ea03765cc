using MassTransit;
using Messaging.Breaker.RabbitMq.Sharing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker;

/// <summary>Shares the breakers' state among the instances of a fleet over the RabbitMQ that they already use.</summary>
public static class MessagingBreakerBusExtensions
{
    /// <summary>
    /// Shares the breakers' state over RabbitMQ: a trip on one instance opens the breaker on all, one probes for all, and an instance that
    /// starts during an outage knows of it. The broker keeps the state, even while no instance is alive.
    /// </summary>
    /// <param name="breakers">The breakers.</param>
    /// <param name="configure">Sets the options; null for the broker of MassTransit's RabbitMqTransportOptions.</param>
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
