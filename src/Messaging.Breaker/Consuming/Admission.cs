using MassTransit;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Consuming;

/// <summary>Decides whether a message of one endpoint may be handled now, and what becomes of it if not.</summary>
sealed class Admission(EndpointGuards guards, EndpointGate gate)
{
    public EndpointGuards Guards => guards;

    public CancellationToken Stopping => gate.Stopping;

    /// <inheritdoc cref="EndpointGate.Track"/>
    public CancellationTokenRegistration Track(ConsumeContext context) => gate.Track(context);

    /// <summary>Gives up a message whose delivery has been cancelled, as when its channel was lost.</summary>
    public Exception Abandon(ConsumeContext context) => gate.Return(context);

    public ValueTask AdmitAsync(ConsumeContext context, MessageHandling handling) =>
        TryAdmit(handling) ? default : new ValueTask(WaitAsync(context, handling));

    /// <summary>
    /// What a message that must not be handled now comes to: it is returned to its queue, or where the transport cannot do that waits in
    /// place until it is admitted. A request that is to fail fast is answered.
    /// </summary>
    public Task ReturnAsync(ConsumeContext context, MessageHandling handling, Exception? failure = null)
    {
        RefuseRequest(context, handling, failure);
        return gate.CanReturn ? throw gate.Return(context) : WaitAsync(context, handling);
    }

    async Task WaitAsync(ConsumeContext context, MessageHandling handling)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(gate.Stopping, context.ReceiveContext.CancellationToken);
        while (true)
        {
            Task changed = Task.WhenAny(guards.Breakers.Select(breaker => breaker.Changed).Append(gate.Changed));
            if (TryAdmit(handling))
                return;
            RefuseRequest(context, handling);
            // A round of probes is soon over, so its permits are worth waiting for; a break is not.
            if (gate.ShouldReturn || given.IsCancellationRequested)
                throw gate.Return(context);
            await changed.WaitAsync(given.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Leaves the pipe with the answer for a request that is to fail fast. By a cancellation, since retry policies let it pass; not by a
    /// return, which an outbox would take for a success.
    /// </summary>
    void RefuseRequest(ConsumeContext context, MessageHandling handling, Exception? failure = null)
    {
        if (!RequestAnswer.IsAwaited(context))
            return;
        foreach (var breaker in guards.Breakers)
            if (breaker.IsFailingFast)
            {
                handling.Answer = failure ?? breaker.Refusal();
                throw new OperationCanceledException("The request was refused.", context.ReceiveContext.CancellationToken);
            }
    }

    /// <summary>An open breaker pauses the whole endpoint, with the messages that it does not guard.</summary>
    bool TryAdmit(MessageHandling handling)
    {
        if (gate.IsHeld)
            return false;
        foreach (var breaker in guards.Breakers)
            if (breaker.IsRefusing)
                return false;
        return handling.TryAcquireAll() is null;
    }
}
