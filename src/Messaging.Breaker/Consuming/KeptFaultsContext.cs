using MassTransit;
using MassTransit.Context;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// Keeps back what MassTransit would publish and log about a failing consumer, until it is known whether the message is to be returned. It
/// stands innermost, since filters such as the time-out notify past any context outside their own.
/// </summary>
sealed class KeptFaultsContext(ConsumeContext context, CancellationToken cancellationToken) : ConsumeContextProxy(context)
{
    PendingFaultCollection? _faults;
    Exception? _exception;

    public override CancellationToken CancellationToken => cancellationToken;

    /// <summary>
    /// What the consumer threw. By the time it leaves the pipe, a client's time-out has become a bare ConsumerCanceledException.
    /// </summary>
    public Exception? Exception => _exception;

    public override Task NotifyFaulted<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
    {
        Interlocked.CompareExchange(ref _exception, exception, null);
        LazyInitializer.EnsureInitialized(ref _faults, () => new PendingFaultCollection()).Add(context, duration, consumerType, exception);
        return Task.CompletedTask;
    }

    public Task ReleaseAsync(ConsumeContext context) => _faults?.Notify(context) ?? Task.CompletedTask;
}
