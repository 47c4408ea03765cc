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
        if (!context.TryGetPayload(out MessageHandling? handling) || handling.Passages.Count == 0)
        {
            await next.Send(context).ConfigureAwait(false);
            return;
        }

        MessageHandling.Current = handling;
        var hold = new Hold(handling);
        while (true)
        {
            var turn = await RampTurn.TakeAsync(handling, admission.Stopping).ConfigureAwait(false);
            // The message may have waited since it was admitted, for its turn, a concurrency limit or the delay of a retry.
            if (turn is null || handling.TryAcquireAll() is not null)
            {
                turn?.GiveUp();
                await admission.ReturnAsync(context, handling).ConfigureAwait(false);
                continue;
            }

            if (handling.IsBatched)
                handling.GiveBackAll();

            var attempt = new Attempt(context, handling, hold);
            await attempt.RunAsync(next).ConfigureAwait(false);
            turn.Value.Leave(attempt.EndedAt - attempt.StartedAt);
            if (attempt.Failure is not { } failure)
            {
                judge.Acquit(handling);
                return;
            }

            if (handling.CancellationToken.IsCancellationRequested || ContainerEnd.IsCauseOf(failure.SourceException))
                throw await admission.AbandonAsync(context).ConfigureAwait(false);

            switch (await judge.JudgeAsync(attempt.EndedAt, hold, handling).ConfigureAwait(false))
            {
                case Verdict.Own:
                    await attempt.ReleaseFaultsAsync().ConfigureAwait(false);
                    failure.Throw();
                    break;
                case Verdict.Return:
                    await admission.ReturnAsync(context, handling, failure.SourceException).ConfigureAwait(false);
                    hold = new Hold(handling);
                    break;
                case Verdict.GoBehind:
                    await admission.ReturnAsync(context, handling, failure.SourceException, toEnd: true).ConfigureAwait(false);
                    break;
            }
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("breakerOutcome");
}
