using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.QueueDepth;

/// <summary>Publishes alerts on the host's bus. While its broker is away, a publish waits, and only this sink waits with it.</summary>
sealed class BusAlertSink(IServiceProvider provider) : IAlertSink
{
    /// <summary>Resolved only when there is an alert, because the bus may itself depend on this configuration.</summary>
    IBus Bus => provider.GetRequiredService<IBus>();

    public Task RaiseAsync(QueueAlertRaised raised, CancellationToken cancellationToken) => Bus.Publish(raised, cancellationToken);

    public Task ClearAsync(QueueAlertCleared cleared, CancellationToken cancellationToken) => Bus.Publish(cleared, cancellationToken);
}
