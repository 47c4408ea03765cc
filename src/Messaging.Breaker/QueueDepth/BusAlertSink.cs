using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.QueueDepth;

/// <summary>Publishes alerts on the host's bus. While its broker is away a publish waits, and only this sink with it.</summary>
sealed class BusAlertSink(IServiceProvider provider) : IAlertSink
{
    /// <summary>Asked for when there is something to tell: the bus may itself be configured by what is configured here.</summary>
    IBus Bus => provider.GetRequiredService<IBus>();

    public Task RaiseAsync(QueueAlertRaised raised, CancellationToken cancellationToken) => Bus.Publish(raised, cancellationToken);

    public Task ClearAsync(QueueAlertCleared cleared, CancellationToken cancellationToken) => Bus.Publish(cleared, cancellationToken);
}
