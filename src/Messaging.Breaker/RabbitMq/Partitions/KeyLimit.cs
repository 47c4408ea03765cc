using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Keys;

namespace Messaging.Breaker.RabbitMq.Partitions;

/// <summary>How many messages from a key's queue may be in flight at once: none, the probes, or the key's share.</summary>
sealed class KeyLimit(KeyQueues owner, BreakerKey key)
{
    const int RoundsUntilOthers = 6;
    const int RoundWithOthers = 4;
    const int EnoughSuccesses = 20;

    // With fewer, chance explains the failures of one message for so long that the breaker of the whole opens.
    const int SuccessesBetween = 4;

    CircuitBreaker? _prober;
    long _round;
    int _rounds;
    long _successes;
    bool _haveOthersSucceeded;
    bool _isClosedByOthers;

    CircuitBreaker Whole => key.Partition.Whole;

    /// <summary>
    /// Most rounds of probes try only the first message, and again if it fails: when the key is back, none has overtaken it. Now and then others are
    /// tried just after it has failed, to distinguish a key that is down from a message at fault. From then on that happens in each round, as long as
    /// some succeed. Null outside such a round.
    /// </summary>
    public long? RoundOfOthers => Prober is { } prober ? IsRoundWithOthers(prober) ? _round : null : AreOthersFirst ? key.Breaker!.Generation : null;

    /// <summary>
    /// Whether the others go before the first. They do if they have closed the key while the first failed each time: it runs again when some of
    /// them have succeeded. They also do if the first holds open the breaker of the whole.
    /// </summary>
    public bool IsFirstLeftOut => Prober is { } prober ? prober == Whole : AreOthersFirst;

    /// <summary>The breaker that the key's messages probe; null for none.</summary>
    CircuitBreaker? Prober => IsWholeAway ? Whole.ProbeLimit is not null ? Whole : null : key.Breaker is { ProbeLimit: not null } own ? own : null;

    bool IsWholeAway => Whole is { State: not BreakerState.Closed, Mode: BreakerMode.Enforcing };

    bool AreOthersFirst => _isClosedByOthers && !IsWholeAway && key.Breaker is { State: BreakerState.Closed } own && SuccessesOf(own) - _successes < SuccessesBetween;

    /// <param name="underWay">How many messages from the queue are in flight now.</param>
    /// <param name="othersTriedIn">The latest round in which others were tried.</param>
    public int Get(int underWay, long? othersTriedIn)
    {
        if (owner.Stopping.IsCancellationRequested)
            return 0;
        var own = key.Breaker;
        if (IsWholeAway)
            return own is { IsRefusing: true } || Whole.ProbeLimit is not { } most ? 0 : Math.Min(most, underWay + Whole.FreeProbes);
        if (own is { IsRefusing: true })
            return 0;
        if (own?.ProbeLimit is { } probes)
            return Math.Min(IsRoundWithOthers(own) ? probes : 1, underWay + own.FreeProbes);
        Rest(own, othersTriedIn);
        // Messages from the endpoint's own queue that are still in flight count too.
        var share = Math.Max(0, owner.Share - Math.Max(0, key.UnderWay - underWay));
        // They must not wait for their turn in the ramp, because those that wait there may begin out of order. A message that waits for its
        // verdict has no place.
        return (own ?? Whole).Ramp is { } ramp ? Math.Min(share, underWay + ramp.Free) : share;
    }

    /// <summary>More messages wait than may be in flight: reports that to the ramp.</summary>
    public void Want()
    {
        var breaker = key.Breaker ?? Whole;
        breaker.Ramp?.TurnAway(breaker.Now);
    }

    /// <summary>
    /// The key is closed. If other messages than the first closed it, and have not shown since that it works, the next round begins with them.
    /// </summary>
    void Rest(CircuitBreaker? own, long? othersTriedIn)
    {
        if (_rounds > 0)
            _isClosedByOthers = own is not null && own == _prober && othersTriedIn == _round;
        else if (_isClosedByOthers)
            _isClosedByOthers = own is not null && SuccessesOf(own) - _successes < EnoughSuccesses;
        _rounds = 0;
    }

    bool IsRoundWithOthers(CircuitBreaker prober)
    {
        if (prober == _prober && prober.Generation == _round)
            return IsWithOthers;
        if (prober != _prober)
            (_prober, _rounds, _isClosedByOthers) = (prober, 0, false);
        var successes = SuccessesOf(prober);
        _haveOthersSucceeded = _rounds == 0 ? _isClosedByOthers : successes > _successes;
        (_round, _rounds, _successes) = (prober.Generation, _rounds + 1, successes);
        return IsWithOthers;
    }

    bool IsWithOthers => _haveOthersSucceeded || _rounds % RoundsUntilOthers == RoundWithOthers;

    static long SuccessesOf(CircuitBreaker breaker) => breaker.Totals.Total - breaker.Totals.Failures;
}
