using System.Runtime.ExceptionServices;
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
        var suspicion = new Suspicion();
        while (true)
        {
            // The message may have waited since it was admitted, for a concurrency limit or the delay of a retry.
            if (handling.TryAcquireAll() is not null)
                await admission.ReturnAsync(context, handling).ConfigureAwait(false);

            var attempt = new Attempt(context, handling, suspicion.IsRetest);
            await attempt.RunAsync(next).ConfigureAwait(false);
            if (attempt.Failure is not { } failure)
                return;

            switch (await JudgeAsync(attempt, suspicion, handling).ConfigureAwait(false))
            {
                case Verdict.Own:
                    await attempt.Faults.ReleaseAsync(context).ConfigureAwait(false);
                    failure.Throw();
                    break;
                case Verdict.Return:
                    await admission.ReturnAsync(context, handling).ConfigureAwait(false);
                    break;
            }
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("breakerOutcome");

    /// <summary>Whose fault it was. A message is charged only when it failed, the dependency then worked for another, and it failed again.</summary>
    async Task<Verdict> JudgeAsync(Attempt attempt, Suspicion suspicion, MessageHandling handling)
    {
        if (attempt.WasCancelled)
            return Verdict.Own;
        if (handling.Passages.Any(passage => passage.Result == AttemptResult.Refused))
            return Verdict.Return;
        var suspects = handling.Passages.Where(IsSuspect).ToList();
        if (suspects.Exists(passage => passage.Permit.IsProbe || passage.Breaker.IsRefusing))
            return Verdict.Return;
        suspects.RemoveAll(passage => !passage.Breaker.Options.WaitForVerdict);
        if (suspects.Count == 0 || handling.IsCharged)
            return Verdict.Own;

        switch (await GatherEvidenceAsync(suspects, attempt.EndedAt, suspicion.Retests).ConfigureAwait(false))
        {
            case Evidence.DependencyWorks when suspicion.IsRetest:
                handling.IsCharged = true;
                return Verdict.Own;
            case Evidence.DependencyWorks:
                suspicion.IsRetest = true;
                return Verdict.Retest;
            case Evidence.None:
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
    async Task<Evidence> GatherEvidenceAsync(List<Passage> suspects, long failedAt, int retests)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(admission.Stopping);
        var waits = suspects.ConvertAll(passage => passage.Breaker.WaitForEvidenceAsync(passage.Permit, failedAt, retests, enough.Token));
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

    sealed class Suspicion
    {
        /// <summary>The dependency was seen to work after the latest failure, so the next attempt is about the message.</summary>
        public bool IsRetest { get; set; }

        public int Retests { get; set; }
    }

    sealed class Attempt(ConsumeContext context, MessageHandling handling, bool isRetest)
    {
        public KeptFaultsContext Faults { get; } = new(context);

        public ExceptionDispatchInfo? Failure { get; private set; }

        public long EndedAt { get; private set; }

        /// <summary>The delivery itself was given up, as when its channel was lost or its endpoint stops.</summary>
        public bool WasCancelled => context.CancellationToken.IsCancellationRequested;

        public async Task RunAsync(IPipe<ConsumeContext> next)
        {
            var clock = handling.Passages[0].Breaker;
            var startedAt = clock.Now;
            try
            {
                await next.Send(Faults).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                Failure = ExceptionDispatchInfo.Capture(exception);
            }

            EndedAt = clock.Now;
            if (WasCancelled)
            {
                handling.GiveBackAll();
                return;
            }

            foreach (var passage in handling.Passages)
                passage.Conclude(Failure is null ? null : Faults.Exception ?? Failure.SourceException, startedAt, EndedAt, isRetest);
        }
    }
}
