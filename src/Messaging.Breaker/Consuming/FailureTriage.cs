using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Consuming;

/// <summary>
/// Decides what happens to a failed message. The message is found at fault only if it failed so often, while the dependency worked for other
/// messages in between, that the dependency's own failure rate cannot explain it.
/// </summary>
sealed class FailureTriage(FailureHistories histories, EndpointGate gate, EndpointTelemetry telemetry)
{
    const int RoundsUntilReported = 3;

    /// <summary>The message was handled.</summary>
    public void Forget(InFlightMessage message) => histories.Close(message);

    public async Task<TriageDecision> DecideAsync(long failedAt, TriageWait wait, InFlightMessage message)
    {
        using var measured = telemetry.AwaitVerdict();
        var decision = await DecideUnmeasuredAsync(failedAt, wait, message).ConfigureAwait(false);
        measured.Reached(SnakeCase.Of(decision), decision == TriageDecision.Own);
        return decision;
    }

    async Task<TriageDecision> DecideUnmeasuredAsync(long failedAt, TriageWait wait, InFlightMessage message)
    {
        var suspects = message.Attempts.Where(attempt => attempt.IsSuspect).ToList();
        var refused = message.Attempts.Where(attempt => attempt.Result == AttemptResult.Refused && !IsReplaced(attempt, message)).ToList();
        if (refused.Count > 0)
            return await DecideOnRefusalAsync(refused, wait, message).ConfigureAwait(false);
        if (suspects.Exists(attempt => attempt.Permit.IsProbe || attempt.Breaker.IsRefusing))
            return DecideOnProbe(suspects, failedAt, message);
        suspects.RemoveAll(attempt => attempt.IsCharged || !attempt.Breaker.Options.WaitForVerdict);
        if (suspects.Count == 0)
            return Charge(message, suspects);

        var awaited = suspects.ConvertAll(attempt => histories.Open(message, attempt).Fail(failedAt, attempt.Failure));
        if (suspects.TrueForAll(attempt => attempt.IsProven))
            return Charge(message, suspects);
        if (suspects.TrueForAll(attempt => attempt.History!.IsAloneTooOften && !attempt.Breaker.AreOthersRunning(message)))
            return TripAlone(suspects, message);
        switch (await WaitForOthersAsync(suspects, awaited, wait, message.CancellationToken).ConfigureAwait(false))
        {
            case WaitResult.OthersSucceed:
                return suspects.TrueForAll(attempt => attempt.IsProven) ? Charge(message, suspects) : Retest(suspects);
            case WaitResult.Silence:
                suspects.ForEach(attempt => attempt.History!.WaitInVain());
                return IsKnownToFailAlone(suspects) ? TriageDecision.GoBehind
                    : wait.Left(suspects) > TimeSpan.Zero ? Retest(suspects) : TriageDecision.Return;
            default:
                return ReturnUnlessElsewhere(suspects.FindAll(attempt => !attempt.IsCurrent), message);
        }
    }

    /// <summary>The handler recovered from the refusal by calling an alternative, so it did not fail because of the refusal.</summary>
    static bool IsReplaced(BreakerAttempt refused, InFlightMessage message) => refused.Alternatives is { } group
        && message.Attempts.Any(attempt => attempt.Alternatives == group && attempt is { IsUsed: true, Result: not AttemptResult.Refused });

    /// <summary>
    /// A call was refused. If an alternative is closed, the breaker has only just opened, and the next run will call the alternative. But a
    /// handler that does not ask which dependency to call is refused again: it must not run thousands of times a second.
    /// </summary>
    async Task<TriageDecision> DecideOnRefusalAsync(List<BreakerAttempt> refused, TriageWait wait, InFlightMessage message)
    {
        if (ReturnUnlessElsewhere(refused, message) == TriageDecision.Return)
            return TriageDecision.Return;
        if (wait.Refusals++ == 0)
            return TriageDecision.Elsewhere;
        using var given = CancellationTokenSource.CreateLinkedTokenSource(gate.Stopping, message.CancellationToken);
        await Task.Delay(refused.Max(attempt => attempt.Breaker.Options.RetestDelay), message.Time, given.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return wait.Left(refused) > TimeSpan.Zero ? ReturnUnlessElsewhere(refused, message) : TriageDecision.Return;
    }

    /// <summary>
    /// A message that can no longer be judged here goes back, which pauses the endpoint for a moment or for the length of a break, unless the
    /// message can do without the missing dependency.
    /// </summary>
    TriageDecision ReturnUnlessElsewhere(List<BreakerAttempt> away, InFlightMessage message) =>
        !gate.Stopping.IsCancellationRequested
        && !message.CancellationToken.IsCancellationRequested
        && away.TrueForAll(attempt => attempt.Alternatives?.IsAnotherClosed(attempt.Breaker) == true)
            ? TriageDecision.Elsewhere
            : TriageDecision.Return;

    /// <summary>
    /// Only this message calls the dependency, for example at a prefetch of one. The breaker opens, and its probes ask others first.
    /// </summary>
    TriageDecision TripAlone(List<BreakerAttempt> suspects, InFlightMessage message)
    {
        foreach (var attempt in suspects)
        {
            attempt.Breaker.TripAlone(attempt.Permit);
            attempt.History!.FailAsProbe(attempt.Permit.Generation, attempt.Breaker.Counts.Probes);
        }

        return ReturnUnlessElsewhere(suspects, message) == TriageDecision.Elsewhere ? TriageDecision.Elsewhere
            : suspects.Exists(attempt => attempt.Breaker.Options.KeepOrder) ? TriageDecision.Return : TriageDecision.GoBehind;
    }

    /// <summary>
    /// The message failed before while the dependency worked, and now no other message gets through: it blocks them, as at a prefetch of one.
    /// </summary>
    bool IsKnownToFailAlone(List<BreakerAttempt> suspects) =>
        gate.CanReturn && suspects.TrueForAll(attempt => !attempt.Breaker.Options.KeepOrder && attempt.History!.FailuresAmidSuccesses > 0);

    TriageDecision DecideOnProbe(List<BreakerAttempt> suspects, long failedAt, InFlightMessage message)
    {
        foreach (var attempt in suspects)
        {
            var (breaker, round) = (attempt.Breaker, attempt.Permit.Generation);
            var history = histories.Open(message, attempt);
            history.Fail(failedAt, attempt.Failure, isProbe: attempt.Permit.IsProbe && attempt.Breaker.Key is not null);
            if (attempt.Permit.IsProbe)
                history.FailAsProbe(round, breaker.Counts.Probes);
            // Otherwise other messages could close the breaker each time and this one open it again, without ever being a probe.
            if (attempt.IsProven || (attempt.Permit.IsProbe && breaker.TryLetGo(history)))
                return Charge(message, [attempt]);
            if (!attempt.Permit.IsProbe)
                continue;
            var isAlone = breaker.Options.KeepOrder ? history.RoundsAlone > 0 : history.HasLetOthersPass(round);
            if (isAlone && history is { FailedRounds: >= RoundsUntilReported, IsReported: false })
            {
                history.IsReported = true;
                breaker.Suspect(gate.Name, message.Key);
                gate.ReportAlone(breaker.Name, message.Key, history.FailedRounds);
            }
        }

        return ReturnUnlessElsewhere(suspects.FindAll(attempt => attempt.Permit.IsProbe || attempt.Breaker.IsRefusing), message);
    }

    static TriageDecision Retest(List<BreakerAttempt> suspects)
    {
        foreach (var attempt in suspects)
            attempt.IsRetest = attempt.History!.IsOnTrial;
        return TriageDecision.Retest;
    }

    /// <summary>From now on it goes its ordinary way, also when it is retried and fails because of the same dependencies.</summary>
    TriageDecision Charge(InFlightMessage message, List<BreakerAttempt> proven)
    {
        message.IsCharged = true;
        foreach (var attempt in proven)
            attempt.IsCharged = true;
        histories.Close(message);
        return TriageDecision.Own;
    }

    /// <summary>The first breaker that changes decides; otherwise all suspected dependencies have to be shown to work.</summary>
    async Task<WaitResult> WaitForOthersAsync(List<BreakerAttempt> suspects, List<LaterSuccess> awaited, TriageWait wait, CancellationToken given)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(gate.Stopping, given);
        var left = wait.Left(suspects);
        var waits = suspects.Zip(awaited, (attempt, success) =>
            success.WaitAsync(attempt.Breaker, attempt.Permit, TriageWait.Delay(attempt, left), enough.Token)).ToList();
        var result = WaitResult.OthersSucceed;
        while (waits.Count > 0)
        {
            var first = await Task.WhenAny(waits).ConfigureAwait(false);
            waits.Remove(first);
            var one = await first.ConfigureAwait(false);
            if (one == WaitResult.StateChanged)
            {
                await enough.CancelAsync().ConfigureAwait(false);
                return one;
            }

            if (one == WaitResult.Silence)
                result = one;
        }

        return result;
    }
}
