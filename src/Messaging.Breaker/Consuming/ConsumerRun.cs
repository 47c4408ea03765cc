using System.Runtime.ExceptionServices;
using MassTransit;
using MassTransit.Context;
using MassTransit.Middleware.InMemoryOutbox;
using Messaging.Breaker.Breakers.Attempts;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// One run of the consumers over a message, with their context. The context keeps back what MassTransit would publish and log about a failing
/// consumer, until it is known whether the message will be returned. It is innermost, because filters such as the timeout notify past any
/// context outside their own.
/// </summary>
sealed class ConsumerRun(ConsumeContext context, InFlightMessage message) : ConsumeContextProxy(context)
{
    PendingFaultCollection? _faults;
    Exception? _exception;
    CancellationTokenSource? _limit;

    public override CancellationToken CancellationToken => _limit?.Token ?? base.CancellationToken;

    public ExceptionDispatchInfo? Failure { get; private set; }

    public long StartedAt { get; private set; }

    public long EndedAt { get; private set; }

    public override Task NotifyFaulted<T>(ConsumeContext<T> context, TimeSpan duration, string consumerType, Exception exception)
    {
        Interlocked.CompareExchange(ref _exception, exception, null);
        LazyInitializer.EnsureInitialized(ref _faults, () => new PendingFaultCollection()).Add(context, duration, consumerType, exception);
        return Task.CompletedTask;
    }

    public Task ReleaseFaultsAsync(ConsumeContext context) => _faults?.Notify(context) ?? Task.CompletedTask;

    /// <summary>A run that replaces one that an outer timeout ended, with the same time limit.</summary>
    public async Task RunAsync(IPipe<ConsumeContext> next, TimeSpan limit)
    {
        using var elapsed = new CancellationTokenSource(limit, message.Time);
        using var limited = _limit = CancellationTokenSource.CreateLinkedTokenSource(elapsed.Token, message.CancellationToken);
        await RunAsync(next).ConfigureAwait(false);
    }

    public async Task RunAsync(IPipe<ConsumeContext> next)
    {
        StartedAt = message.Time.GetTimestamp();
        try
        {
            await message.RunAsync(next, this, StartedAt).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Failure = ExceptionDispatchInfo.Capture(exception);
            // The outbox is further out, and would send this together with the messages of the next run.
            if (TryGetPayload(out OutboxContext outbox))
                await outbox.DiscardPendingActions().ConfigureAwait(false);
        }

        EndedAt = message.Time.GetTimestamp();
        message.End();
        // The delivery itself was given up, for example because its channel was lost.
        if (message.CancellationToken.IsCancellationRequested)
            message.GiveBackAll();
        else if (!message.IsConcluded)
            // When it leaves the pipe, a client's timeout has become a bare ConsumerCanceledException.
            message.Conclude(Failure is null ? null : _exception ?? Failure.SourceException, EndedAt);
    }
}
