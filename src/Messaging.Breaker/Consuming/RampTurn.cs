using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Consuming;

/// <summary>The places of one attempt in the ramps of its breakers.</summary>
readonly struct RampTurn
{
    // Null if no breaker has a ramp, which is nearly always the case.
    readonly List<(BreakerAttempt Attempt, Ramp Ramp, int Load)>? _taken;

    RampTurn(List<(BreakerAttempt, Ramp, int)> taken, long since) => (_taken, Since) = (taken, since);

    /// <summary>When it began to wait for its turn; null if it did not have to.</summary>
    public long? Since { get; }

    /// <summary>Waits for its turn in each ramp, always in the same order, so that no two messages wait for each other.</summary>
    /// <returns>Null if that takes longer than a message may be held, or the delivery is given up.</returns>
    public static ValueTask<RampTurn?> TakeAsync(InFlightMessage message, CancellationToken stopping)
    {
        foreach (var attempt in message.Attempts)
            if (attempt.Breaker.Ramp is not null)
                return new ValueTask<RampTurn?>(WaitAsync(message, stopping));
        return new ValueTask<RampTurn?>(default(RampTurn));
    }

    /// <summary>The attempt is done.</summary>
    public void Leave(long startedAt, long endedAt)
    {
        if (_taken is null)
            return;
        foreach (var (attempt, ramp, load) in _taken)
            ramp.Exit(OutcomeOf(attempt), load, endedAt - startedAt, endedAt);
    }

    /// <summary>There was no attempt.</summary>
    public void GiveUp()
    {
        foreach (var (attempt, ramp, load) in _taken ?? [])
            ramp.Exit(Outcome.Ignored, load, 0, attempt.Breaker.Now);
    }

    static Outcome OutcomeOf(BreakerAttempt attempt) => attempt.Result switch
    {
        _ when !attempt.IsUsed => Outcome.Ignored,
        AttemptResult.Succeeded => Outcome.Success,
        AttemptResult.Failed when !attempt.IsRetest => Outcome.Failure,
        _ => Outcome.Ignored,
    };

    /// <summary>
    /// Takes a place with the first of the alternatives that has just come back and has a free place. The message must not call the other
    /// alternatives. If no place is free, it goes to an alternative without a ramp, if there is one.
    /// </summary>
    /// <returns>False if it would have to wait for any of them.</returns>
    bool TryPlace(InFlightMessage message, Alternatives group)
    {
        var (hasTurn, hasOther) = (false, false);
        foreach (var attempt in message.Attempts)
        {
            if (attempt.Alternatives != group)
                continue;
            attempt.IsWithoutTurn = false;
            if (attempt.Breaker.Ramp is not { } ramp)
                hasOther |= attempt.Breaker.AdmitsAll || AlternativeAttempt.IsProbe(attempt);
            else if (!hasTurn && ramp.TryEnter(attempt.Breaker.Now, out var load))
            {
                _taken!.Add((attempt, ramp, load));
                hasTurn = true;
            }
            else
                attempt.IsWithoutTurn = true;
        }

        return hasTurn || hasOther;
    }

    static async Task<RampTurn?> WaitAsync(InFlightMessage message, CancellationToken stopping)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(stopping, message.CancellationToken);
        var turn = new RampTurn([], message.Time.GetTimestamp());
        var placed = new HashSet<Alternatives>();
        foreach (var attempt in message.Attempts.OrderBy(attempt => attempt.Breaker.Name, StringComparer.Ordinal))
        {
            if (attempt.Breaker.Ramp is not { } ramp)
                continue;
            if (attempt.Alternatives is { } group && (!placed.Add(group) || turn.TryPlace(message, group)))
                continue;
            attempt.IsWithoutTurn = false;
            var entry = ramp.Enter(attempt.Breaker.Now);
            await ((Task)entry.Task).WaitAsync(attempt.Breaker.Options.MaxHold, message.Time, given.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (entry.TrySetCanceled(CancellationToken.None))
            {
                turn.GiveUp();
                return null;
            }

            turn._taken!.Add((attempt, ramp, await entry.Task.ConfigureAwait(false)));
        }

        return turn;
    }
}
