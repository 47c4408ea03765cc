using MassTransit;
using Messaging.Breaker.Attribution;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// Innermost, around the consumers of one message type: reports what became of the message, and holds a failing one until it is known whose
/// fault it was. The user's retry lies outside and sees only verdicts.
/// </summary>
sealed class OutcomeFilter(Admission admission, Judge judge) : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        if (admission.Guards.Roster.Find(context) is not { Passages.Length: > 0 } handling)
        {
            await next.Send(context).ConfigureAwait(false);
            return;
        }

        // Behind a filter that sends messages on from a thread of its own, calls would not find the message.
        if (MessageHandling.Current != handling)
            MessageHandling.Current = handling;
        Hold? hold = null;
        while (true)
        {
            var turn = await RampTurn.TakeAsync(handling, admission.Stopping).ConfigureAwait(false);
            // The message may have waited since it was admitted, for its turn, a concurrency limit or the delay of a retry.
            if (turn is null || handling.TryAcquireAll() is not null)
            {
                turn?.GiveUp();
                if (handling.CancellationToken.IsCancellationRequested)
                    throw await admission.AbandonAsync(context).ConfigureAwait(false);
                await admission.ReturnAsync(context, handling).ConfigureAwait(false);
                continue;
            }

            if (handling.IsBatched)
                handling.GiveBackAll();

            var attempt = new Attempt(context, handling);
            try
            {
                await (hold?.TimeLimit is { } limit ? attempt.RunAsync(next, limit) : attempt.RunAsync(next)).ConfigureAwait(false);
            }
            catch
            {
                turn.Value.GiveUp();
                throw;
            }

            turn.Value.Leave(attempt.EndedAt - attempt.StartedAt);
            if (attempt.Failure is not { } failure)
            {
                judge.Acquit(handling);
                return;
            }

            if (handling.CancellationToken.IsCancellationRequested || admission.IsByEndOfContainer(failure.SourceException))
                throw await admission.AbandonAsync(context).ConfigureAwait(false);

            hold ??= new Hold(handling, turn.Value.Since ?? attempt.StartedAt);
            if (context.CancellationToken.IsCancellationRequested)
                hold.TimeLimit ??= handling.Time.GetElapsedTime(attempt.StartedAt, attempt.EndedAt);
            switch (await judge.JudgeAsync(attempt.EndedAt, hold, handling).ConfigureAwait(false))
            {
                case Verdict.Own:
                    await attempt.ReleaseFaultsAsync(context).ConfigureAwait(false);
                    failure.Throw();
                    break;
                case Verdict.Return:
                    await admission.ReturnAsync(context, handling, failure.SourceException).ConfigureAwait(false);
                    hold = null;
                    break;
                case Verdict.GoBehind:
                    await admission.ReturnAsync(context, handling, failure.SourceException, toEnd: true).ConfigureAwait(false);
                    break;
            }
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("breakerOutcome");
}
