using Messaging.Breaker.Breakers;
using Messaging.Breaker.Partitions;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>How many messages of a key's queue may be under way at once: none, the probes, or the key's share.</summary>
sealed class KeyLimit(KeyQueues owner, BreakerKey key)
{
    const int RoundsUntilOthers = 6;
    const int RoundWithOthers = 4;

    long _round;
    int _rounds;
    long _successes;
    bool _haveOthersSucceeded;

    CircuitBreaker Whole => key.Partition.Whole;

    /// <summary>
    /// In most rounds of probes the first message alone is asked, and again if it fails: when the key is back, none has overtaken it. Now and then the next
    /// ones are asked beside it, to tell a key that is down from a message that is at fault; and from then on in each round, as long as some succeed. Null
    /// outside of such a round.
    /// </summary>
    public long? RoundOfOthers => key.Breaker is { ProbeLimit: not null } own && IsRoundWithOthers(own) ? _round : null;

    /// <param name="underWay">Those from the queue that are under way now.</param>
    public int Get(int underWay)
    {
        if (owner.Stopping.IsCancellationRequested)
            return 0;
        var own = key.Breaker;
        if (Whole is { State: not BreakerState.Closed, Mode: BreakerMode.Enforcing })
            return own is { IsRefusing: true } || Whole.ProbeLimit is not { } most ? 0 : Math.Min(most, underWay + Whole.FreeProbes);
        if (own is { IsRefusing: true })
            return 0;
        if (own?.ProbeLimit is { } probes)
            return Math.Min(IsRoundWithOthers(own) ? probes : 1, underWay + own.FreeProbes);
        _rounds = 0;
        // Those count as well that are still under way from the endpoint's own queue.
        var share = Math.Max(0, owner.Share - Math.Max(0, key.UnderWay - underWay));
        // They must not wait for their turn in the ramp: those that wait there do not all begin in order. Who waits to be judged has no place there.
        return (own ?? Whole).Ramp is { } ramp ? Math.Min(share, underWay + ramp.Free) : share;
    }

    /// <summary>More wait than may be under way: the ramp is to hear of it.</summary>
    public void Want()
    {
        var breaker = key.Breaker ?? Whole;
        breaker.Ramp?.TurnAway(breaker.Now);
    }

    bool IsRoundWithOthers(CircuitBreaker own)
    {
        if (own.Generation != _round)
        {
            var successes = own.Tally.Total - own.Tally.Failures;
            (_round, _rounds, _haveOthersSucceeded, _successes) = (own.Generation, _rounds + 1, _rounds > 0 && successes > _successes, successes);
        }

        return _haveOthersSucceeded || _rounds % RoundsUntilOthers == RoundWithOthers;
    }
}
