using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Breakers;

/// <summary>
/// What speaks against one message that failed, as far as one dependency is concerned. It outlives the deliveries of the message.
/// Thread-safe: two copies of a message may be under way.
/// </summary>
sealed class FailureHistory(CircuitBreaker breaker)
{
    /// <summary>A message that has failed so often, while nobody else got through, is the sign of an outage.</summary>
    public const int MostAlone = 3;

    // A million messages that fail by the dependency's fault, and one is taken for the culprit.
    const double Doubt = 1e-6;

    // No failing call speaks against the dependency: that it is at fault all the same is a tenth as likely.
    const double DoubtUnexplained = 1e-5;

    // So suspect is a message that need not have others beside it to be found at fault: it is enough that it goes on failing.
    const double DoubtAlone = 0.05;
    const int ProvenAlone = 5;

    // The dependency worked until just before the message failed, and nobody else has called it for so long.
    static readonly TimeSpan LongAlone = TimeSpan.FromMinutes(5);

    // Drawn, since what is dealt out in turn, as among three servers of which one is dead, might else meet the message every time.
    const int MostAwaited = 4;

    readonly Lock _lock = new();
    Tally _since;
    Tally _sinceAlone;
    LaterSuccess? _awaited;
    double _doubt = DoubtUnexplained;
    long _firstFailedAt;
    bool _followsSuccesses;
    int _amidSuccesses;
    int _own;
    int _alone;
    int _waitsInVain;
    long _failedIn;
    long _passedIn;
    long _probesSeen;
    bool _hasMetOthers;

    /// <summary>Failures after each of which the dependency was seen to work for another message.</summary>
    public int FailuresAmidSuccesses => Read(() => _amidSuccesses);

    /// <summary>How often in a row nobody else was there to show whether the dependency works.</summary>
    public int WaitsInVain => Read(() => _waitsInVain);

    /// <summary>
    /// Whether the message is on trial, no longer the dependency: it failed while that worked. Where nobody else is left to tell, the dependency
    /// may have died since, unless what is known speaks strongly against the message.
    /// </summary>
    public bool IsOnTrial => Read(() => _amidSuccesses > 0 && (_waitsInVain == 0 || IsHighlySuspect));

    /// <summary>The rounds of probes in which the message failed.</summary>
    public int FailedRounds { get; private set; }

    /// <summary>How many of the latest of them, in a row, no other message took part in.</summary>
    public int RoundsAlone { get; private set; }

    /// <summary>It was said that the message alone keeps the breaker open.</summary>
    public bool IsReported { get; set; }

    /// <summary>
    /// Whether the failures are the message's own: that it met so many of all failures since its first one by chance would be less likely than one
    /// in a million; or it goes on failing alone after the dependency worked for many others.
    /// </summary>
    public bool IsProven => Read(() =>
        (_amidSuccesses > 1 && Chance(_amidSuccesses) <= _doubt)
        || (IsHighlySuspect && Math.Max(_waitsInVain, RoundsAlone) >= ProvenAlone)
        || (_followsSuccesses && breaker.Key is null && RoundsAlone >= ProvenAlone && breaker.GetElapsedSince(_firstFailedAt) >= LongAlone));

    /// <summary>
    /// It has failed so often in a row, and in all that time nobody else got through: that is what an outage looks like, unless what is known
    /// speaks strongly against the message.
    /// </summary>
    public bool IsAloneTooOften => Read(() => _alone >= MostAlone && !IsHighlySuspect && SuccessesOf(breaker.Tally) == SuccessesOf(_sinceAlone));

    // The failures since the latest success of another may all have one reason, and count as one.
    bool IsHighlySuspect => _amidSuccesses > 0 && Chance(_amidSuccesses + Math.Min(_alone, 1)) <= DoubtAlone;

    /// <summary>The message has failed.</summary>
    /// <param name="failedAt">When.</param>
    /// <param name="failure">How.</param>
    /// <returns>What to wait for before it is run again.</returns>
    public LaterSuccess Fail(long failedAt, in MessageFailure failure)
    {
        lock (_lock)
        {
            Settle();
            if (_firstFailedAt == 0)
                (_firstFailedAt, _followsSuccesses) = (failedAt, breaker.WasHealthy);
            if (_amidSuccesses == 0)
                _since = breaker.Tally;
            else if (failure.IsCounted)
                _own++;
            if (_alone++ == 0)
                _sinceAlone = breaker.Tally;
            if (!failure.IsUnexplained)
                _doubt = Doubt;
            Drop();
            _awaited = new LaterSuccess(failedAt, _amidSuccesses == 0 ? 1 : Random.Shared.Next(1, MostAwaited + 1), failure.HasCalled);
            breaker.Await(_awaited);
            return _awaited;
        }
    }

    /// <summary>No other message came to show whether the dependency works.</summary>
    public void WaitInVain()
    {
        lock (_lock)
        {
            Settle();
            if (_awaited is not null)
                _waitsInVain++;
        }
    }

    /// <summary>The message failed while the breaker was not closed, or opened it.</summary>
    /// <param name="round">The generation in which it did.</param>
    /// <param name="probes">All probes that the breaker has counted so far.</param>
    public void FailAsProbe(long round, long probes)
    {
        _hasMetOthers |= probes - _probesSeen > 1;
        _probesSeen = probes;
        if (_failedIn == round)
            return;
        RoundsAlone = FailedRounds == 0 || _hasMetOthers ? 0 : RoundsAlone + 1;
        _hasMetOthers = false;
        _failedIn = round;
        FailedRounds++;
    }

    /// <summary>
    /// Whether others should probe before this message does, which has failed as a probe. Asked for once a round: a message that comes again
    /// is alone.
    /// </summary>
    public bool LetsOthersPass(long round)
    {
        if (FailedRounds == 0 || _passedIn == round)
            return false;
        _passedIn = round;
        return true;
    }

    /// <summary>The others were asked first in that round, and there were none.</summary>
    public bool HasLetOthersPass(long round) => _passedIn == round;

    public void Drop()
    {
        if (_awaited is { } awaited)
            breaker.Dismiss(awaited);
        _awaited = null;
    }

    T Read<T>(Func<T> read)
    {
        lock (_lock)
        {
            Settle();
            return read();
        }
    }

    void Settle()
    {
        if (_awaited is not { HasCome: true })
            return;
        _amidSuccesses++;
        (_waitsInVain, _alone) = (0, 0);
        Drop();
    }

    double Chance(int failures) => Tally.ChanceOfFailing(_since, breaker.Tally, failures, _own);

    static long SuccessesOf(Tally tally) => tally.Total - tally.Failures;
}

/// <summary>How a message failed.</summary>
/// <param name="IsUnexplained">No failing call and no rule says why.</param>
/// <param name="HasCalled">It called the dependency before, as far as calls are observed.</param>
/// <param name="IsCounted">The breaker counted the failure.</param>
readonly record struct MessageFailure(bool IsUnexplained, bool HasCalled, bool IsCounted);
