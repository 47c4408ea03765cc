using Messaging.Breaker.Attribution;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Consuming;

/// <summary>The places that one attempt takes in the ramps of its breakers.</summary>
readonly struct RampTurn
{
    // Null, as nearly always, if no breaker has a ramp.
    readonly List<(Passage Passage, Ramp Ramp)>? _taken;

    RampTurn(List<(Passage, Ramp)> taken, long since) => (_taken, Since) = (taken, since);

    /// <summary>When it began to wait for its turn; null if it did not have to.</summary>
    public long? Since { get; }

    /// <summary>Waits for its turn in each; always in the same order, so that no two messages wait for each other.</summary>
    /// <returns>Null if that takes longer than a message may be held, or the delivery is given up.</returns>
    public static ValueTask<RampTurn?> TakeAsync(MessageHandling handling, CancellationToken stopping)
    {
        foreach (var passage in handling.Passages)
            if (passage.Breaker.Ramp is not null)
                return new ValueTask<RampTurn?>(WaitAsync(handling, stopping));
        return new ValueTask<RampTurn?>(default(RampTurn));
    }

    /// <summary>The attempt is done.</summary>
    public void Leave(long elapsed)
    {
        if (_taken is null)
            return;
        foreach (var (passage, ramp) in _taken)
            ramp.Exit(OutcomeOf(passage), elapsed);
    }

    /// <summary>There was no attempt.</summary>
    public void GiveUp()
    {
        foreach (var (_, ramp) in _taken ?? [])
            ramp.Exit(Outcome.Ignored, 0);
    }

    static Outcome OutcomeOf(Passage passage) => passage.Result switch
    {
        AttemptResult.Succeeded => Outcome.Success,
        AttemptResult.Failed when !passage.IsRetest => Outcome.Failure,
        _ => Outcome.Ignored,
    };

    static async Task<RampTurn?> WaitAsync(MessageHandling handling, CancellationToken stopping)
    {
        using var given = CancellationTokenSource.CreateLinkedTokenSource(stopping, handling.CancellationToken);
        var turn = new RampTurn([], handling.Time.GetTimestamp());
        foreach (var passage in handling.Passages.OrderBy(passage => passage.Breaker.Name, StringComparer.Ordinal))
        {
            if (passage.Breaker.Ramp is not { } ramp)
                continue;
            var entry = ramp.Enter(passage.Breaker.Now);
            await entry.Task.WaitAsync(passage.Breaker.Options.MaxHold, handling.Time, given.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (entry.TrySetCanceled(CancellationToken.None))
            {
                turn.GiveUp();
                return null;
            }

            turn._taken!.Add((passage, ramp));
        }

        return turn;
    }
}
