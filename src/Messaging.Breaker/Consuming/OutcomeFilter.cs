using MassTransit;
using Messaging.Breaker.Breakers.Attempts;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// The innermost filter, around the consumers of one message type: reports the outcome of the message, and holds a failing one until it is
/// known whose fault it was. The user's retry is further out and sees only the message's own failures.
/// </summary>
sealed class OutcomeFilter(Admission admission, FailureTriage triage) : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        if (admission.Guards.InFlight.Find(context) is not { Attempts.Length: > 0 } message)
        {
            await next.Send(context).ConfigureAwait(false);
            admission.Guards.InFlight.Find(context)?.IsHandled = true;
            return;
        }

        // If a filter continues on another thread, calls would not find the message.
        if (InFlightMessage.Current != message)
            InFlightMessage.Current = message;
        TriageWait? wait = null;
        while (true)
        {
            var turn = await RampTurn.TakeAsync(message, admission.Stopping).ConfigureAwait(false);
            // The message may have waited since it was admitted, for its turn, a concurrency limit or the delay of a retry.
            if (turn is null || message.TryAcquireAll() is not null)
            {
                turn?.GiveUp();
                if (message.CancellationToken.IsCancellationRequested)
                    throw await admission.AbandonAsync(context).ConfigureAwait(false);
                await admission.ReturnAsync(context, message).ConfigureAwait(false);
                continue;
            }

            if (message.IsBatched)
                message.GiveBackAll();

            var run = new ConsumerRun(context, message);
            try
            {
                await (wait?.TimeLimit is { } limit ? run.RunAsync(next, limit) : run.RunAsync(next)).ConfigureAwait(false);
            }
            catch
            {
                turn.Value.GiveUp();
                throw;
            }

            turn.Value.Leave(run.StartedAt, run.EndedAt);
            if (run.Failure is not { } failure)
            {
                message.IsHandled = true;
                triage.Forget(message);
                return;
            }

            if (message.CancellationToken.IsCancellationRequested || admission.IsByEndOfContainer(failure.SourceException))
                throw await admission.AbandonAsync(context).ConfigureAwait(false);

            wait ??= new TriageWait(message, turn.Value.Since ?? run.StartedAt);
            if (context.CancellationToken.IsCancellationRequested)
                wait.TimeLimit ??= message.Time.GetElapsedTime(run.StartedAt, run.EndedAt);
            var decision = await triage.DecideAsync(run.EndedAt, wait, message).ConfigureAwait(false);
            if (decision == TriageDecision.Own && admission.Guards.Own is { } own)
            {
                // Now, not when it leaves the pipe, because many others may be on their way out.
                if (own.IsRefusing)
                    decision = TriageDecision.Return;
                else
                    own.DeadLetter(message.Key, failure.SourceException);
            }

            if (decision == TriageDecision.Own)
            {
                await run.ReleaseFaultsAsync(context).ConfigureAwait(false);
                failure.Throw();
            }

            if (decision is TriageDecision.Retest or TriageDecision.Elsewhere)
                continue;
            await admission.ReturnAsync(context, message, failure.SourceException, toEnd: decision == TriageDecision.GoBehind).ConfigureAwait(false);
            wait = null;
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("breakerOutcome");
}
