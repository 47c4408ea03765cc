using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Telemetry;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// Whose fault was it? A message is charged with its failures only when it failed again and again while the dependency worked for others in
/// between, so often that the dependency's own rate of failures cannot explain it.
/// </summary>
sealed class Judge(CaseBook cases, EndpointGate gate, EndpointTelemetry telemetry)
{
    public void Acquit(MessageHandling handling) => cases.Close(handling);

    public async Task<Verdict> JudgeAsync(long failedAt, Hold hold, MessageHandling handling)
    {
        using var wait = telemetry.AwaitVerdict();
        var verdict = await DecideAsync(failedAt, hold, handling).ConfigureAwait(false);
        wait.Reached(Words.Of(verdict), verdict == Verdict.Own);
        return verdict;
    }

    async Task<Verdict> DecideAsync(long failedAt, Hold hold, MessageHandling handling)
    {
        if (handling.Passages.Any(passage => passage.Result == AttemptResult.Refused))
            return Verdict.Return;
        var suspects = handling.Passages.Where(IsSuspect).ToList();
        if (suspects.Exists(passage => passage.Permit.IsProbe || passage.Breaker.IsRefusing))
            return JudgeProbe(suspects, failedAt, handling);
        suspects.RemoveAll(passage => passage.IsCharged || !passage.Breaker.Options.WaitForVerdict);
        if (suspects.Count == 0)
            return Charge(handling, suspects);

        var witnesses = suspects.ConvertAll(passage => cases.Open(handling, passage).Fail(failedAt));
        if (suspects.TrueForAll(passage => passage.Case!.IsProven))
            return Charge(handling, suspects);
        switch (await GatherEvidenceAsync(suspects, witnesses, hold, handling.CancellationToken).ConfigureAwait(false))
        {
            case Evidence.DependencyWorks:
                if (suspects.TrueForAll(passage => passage.Case!.IsProven))
                    return Charge(handling, suspects);
                return Retest(suspects);
            case Evidence.None:
                suspects.ForEach(passage => passage.Case!.FindNobody());
                return IsKnownToFailAlone(suspects) ? Verdict.GoBehind
                    : hold.Left(suspects) > TimeSpan.Zero ? Retest(suspects) : Verdict.Return;
            default:
                return Verdict.Return;
        }
    }

    static bool IsSuspect(Passage passage) =>
        passage.Result == AttemptResult.Failed && passage.Breaker.Mode == BreakerMode.Enforcing && passage.Permit.IsCounted;

    /// <summary>
    /// It has failed before while the dependency worked, and now nobody else gets through: as at a prefetch of one, it stands in their way.
    /// </summary>
    bool IsKnownToFailAlone(List<Passage> suspects) =>
        gate.CanReturn && suspects.TrueForAll(passage => !passage.Breaker.Options.KeepOrder && passage.Case!.WitnessedFailures > 0);

    Verdict JudgeProbe(List<Passage> suspects, long failedAt, MessageHandling handling)
    {
        foreach (var passage in suspects)
        {
            var suspect = cases.Open(handling, passage);
            suspect.Fail(failedAt);
            if (!passage.Permit.IsProbe)
                continue;
            var round = passage.Permit.Generation;
            suspect.FailAsProbe(round);
            if (suspect.FailedRounds >= passage.Breaker.Options.MaxProbeFailures)
                return Charge(handling, [passage]);
            if (suspect is { FailedRounds: > 2, IsReported: false } && suspect.IsAlone(round))
            {
                suspect.IsReported = true;
                passage.Breaker.Suspect(gate.Name, handling.MessageId);
                gate.ReportAlone(passage.Breaker.Name, handling.MessageId, suspect.FailedRounds);
            }
        }

        return Verdict.Return;
    }

    static Verdict Retest(List<Passage> suspects)
    {
        foreach (var passage in suspects)
            passage.IsRetest = passage.Case!.IsOnTrial;
        return Verdict.Retest;
    }

    /// <summary>It goes its ordinary way now, and by the same dependencies also when it is retried.</summary>
    Verdict Charge(MessageHandling handling, List<Passage> proven)
    {
        handling.IsCharged = true;
        foreach (var passage in proven)
            passage.IsCharged = true;
        cases.Close(handling);
        return Verdict.Own;
    }

    /// <summary>The first breaker that moves decides; otherwise all suspected dependencies must be shown to work.</summary>
    async Task<Evidence> GatherEvidenceAsync(List<Passage> suspects, List<Witness> witnesses, Hold hold, CancellationToken given)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(gate.Stopping, given);
        var left = hold.Left(suspects);
        var waits = suspects.Zip(witnesses, (passage, witness) =>
            passage.Breaker.WaitForEvidenceAsync(passage.Permit, witness, Hold.Delay(passage, left), enough.Token)).ToList();
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
}
