using MassTransit;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// Innermost, around the consumers of one message type: reports what became of the message, and holds a failing one until it is known whose
/// fault it was. The user's retry lies outside and sees only verdicts.
/// </summary>
sealed class OutcomeFilter(Admission admission) : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        if (!context.TryGetPayload(out MessageHandling? handling) || handling.Passages.Count == 0)
        {
            await next.Send(context).ConfigureAwait(false);
            return;
        }

        MessageHandling.Current = handling;
        var suspicion = new Suspicion(handling);
        while (true)
        {
            // The message may have waited since it was admitted, for a concurrency limit or the delay of a retry.
            if (handling.TryAcquireAll() is not null)
                await admission.ReturnAsync(context, handling).ConfigureAwait(false);
            if (handling.IsBatched)
                handling.GiveBackAll();

            var attempt = new Attempt(context, handling, suspicion);
            await attempt.RunAsync(next).ConfigureAwait(false);
            if (attempt.Failure is not { } failure)
                return;
            if (handling.CancellationToken.IsCancellationRequested)
                throw admission.Abandon(context);

            switch (await JudgeAsync(attempt, suspicion, handling).ConfigureAwait(false))
            {
                case Verdict.Own:
                    await attempt.ReleaseFaultsAsync().ConfigureAwait(false);
                    failure.Throw();
                    break;
                case Verdict.Return:
                    await admission.ReturnAsync(context, handling, failure.SourceException).ConfigureAwait(false);
                    suspicion = new Suspicion(handling);
                    break;
            }
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("breakerOutcome");

    /// <summary>Whose fault it was. A message is charged only when it failed, the dependency then worked for another, and it failed again.</summary>
    async Task<Verdict> JudgeAsync(Attempt attempt, Suspicion suspicion, MessageHandling handling)
    {
        if (handling.Passages.Any(passage => passage.Result == AttemptResult.Refused))
            return Verdict.Return;
        var suspects = handling.Passages.Where(IsSuspect).ToList();
        if (suspects.Exists(passage => passage.Permit.IsProbe || passage.Breaker.IsRefusing))
            return Verdict.Return;
        suspects.RemoveAll(passage => !passage.Breaker.Options.WaitForVerdict);
        if (suspects.Count == 0 || handling.IsCharged)
            return Verdict.Own;

        using var given = CancellationTokenSource.CreateLinkedTokenSource(admission.Stopping, handling.CancellationToken);
        switch (await GatherEvidenceAsync(suspects, attempt.EndedAt, suspicion, given.Token).ConfigureAwait(false))
        {
            case Evidence.DependencyWorks when suspicion.IsRetest:
                handling.IsCharged = true;
                return Verdict.Own;
            case Evidence.DependencyWorks:
                suspicion.IsRetest = true;
                return Verdict.Retest;
            case Evidence.None when suspicion.Left(suspects) > TimeSpan.Zero:
                suspicion.IsRetest = false;
                suspicion.Retests++;
                return Verdict.Retest;
            default:
                return Verdict.Return;
        }
    }

    static bool IsSuspect(Passage passage) =>
        passage.Result == AttemptResult.Failed && passage.Breaker.Mode == BreakerMode.Enforcing && passage.Permit.IsCounted;

    /// <summary>The first breaker that moves decides; otherwise all suspected dependencies must be shown to work.</summary>
    static async Task<Evidence> GatherEvidenceAsync(List<Passage> suspects, long failedAt, Suspicion suspicion, CancellationToken given)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(given);
        var left = suspicion.Left(suspects);
        var waits = suspects.ConvertAll(passage =>
            passage.Breaker.WaitForEvidenceAsync(passage.Permit, failedAt, suspicion.Delay(passage.Breaker.Options, left), enough.Token));
        var result = Evidence.DependencyWorks;
        while (waits.Count > 0)
        {
            var first = await Task.WhenAny(waits).ConfigureAwait(false);
            waits.Remove(first);
            var evidence = await first.ConfigureAwait(false);
            if (evidence == Evidence.StateChanged)
            {
                await enough.CancelAsync().ConfigureAwait(false);
                return evidence;
            }

            if (evidence == Evidence.None)
                result = evidence;
        }

        return result;
    }

    enum Verdict
    {
        Own,
        Return,
        Retest,
    }
}
