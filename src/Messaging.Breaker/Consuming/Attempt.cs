using System.Runtime.ExceptionServices;
using MassTransit;
using MassTransit.Middleware.InMemoryOutbox;
using Messaging.Breaker.Attribution;

namespace Messaging.Breaker.Consuming;

/// <summary>One run of the consumers over a message, and what it means for each breaker.</summary>
sealed class Attempt(ConsumeContext context, MessageHandling handling, Hold hold)
{
    KeptFaultsContext? _faults;

    public ExceptionDispatchInfo? Failure { get; private set; }

    public long StartedAt { get; private set; }

    public long EndedAt { get; private set; }

    public Task ReleaseFaultsAsync() => _faults?.ReleaseAsync(context) ?? Task.CompletedTask;

    public async Task RunAsync(IPipe<ConsumeContext> next)
    {
        using var limit = hold.TimeLimit is { } length ? new CancellationTokenSource(length, handling.Time) : null;
        using var limited = limit is null ? null : CancellationTokenSource.CreateLinkedTokenSource(limit.Token, handling.CancellationToken);
        _faults = new KeptFaultsContext(context, limited?.Token ?? context.CancellationToken);
        handling.Begin();
        StartedAt = handling.Time.GetTimestamp();
        try
        {
            await next.Send(_faults).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Failure = ExceptionDispatchInfo.Capture(exception);
            // The outbox lies outside, and would send this with what the next run puts into it.
            if (context.TryGetPayload(out OutboxContext? outbox))
                await outbox.DiscardPendingActions().ConfigureAwait(false);
        }

        EndedAt = handling.Time.GetTimestamp();
        // The delivery itself was given up, as when its channel was lost.
        if (handling.CancellationToken.IsCancellationRequested)
        {
            handling.GiveBackAll();
            return;
        }

        if (Failure is not null && context.CancellationToken.IsCancellationRequested)
            hold.TimeLimit ??= handling.Time.GetElapsedTime(StartedAt, EndedAt);
        if (!handling.IsConcluded)
            handling.Conclude(Failure is null ? null : _faults.Exception ?? Failure.SourceException, StartedAt, EndedAt);
    }
}
