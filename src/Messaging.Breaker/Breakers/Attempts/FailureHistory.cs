using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Breakers.Attempts;

/// <summary>
/// The evidence against one message that failed, with regard to one dependency. It outlives the message's deliveries. Thread-safe, because two
/// copies of a message may be in flight.
/// </summary>
sealed class FailureHistory(CircuitBreaker breaker)
{
    /// <summary>A message that has failed this often, while no other got through, indicates an outage.</summary>
    public const int MostAlone = 3;

    // Of a million messages that fail because of the dependency, one is wrongly found at fault.
    const double Doubt = 1e-6;

    // If no failing call speaks against the dependency, it is a tenth as likely to be at fault.
    const double DoubtUnexplained = 1e-5;

    // So suspicious that the message is found at fault even without others to compare it with, if it keeps failing.
    const double DoubtAlone = 0.05;
    const int ProvenAlone = 5;

    // The dependency worked until just before the message failed, and no other message has called it for this long.
    static readonly TimeSpan LongAlone = TimeSpan.FromMinutes(5);

    // Random, because with a fixed rotation, for example over three servers of which one is dead, the message might meet the dead one every
    // time.
    const int MostAwaited = 4;

    readonly Lock _lock = new();
    OutcomeTotals _since;
    OutcomeTotals _sinceAlone;
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

    /// <summary>The failures after which the dependency was seen to work for another message.</summary>
    public int FailuresAmidSuccesses => Read(() => _amidSuccesses);

    /// <summary>How often in a row no other message was there to show whether the dependency works.</summary>
    public int WaitsInVain => Read(() => _waitsInVain);

    /// <summary>
    /// Whether the message is on trial, and no longer the dependency: it failed while the dependency worked. If no other message is left to
    /// show that, the dependency may have failed since, unless the evidence against the message is strong.
    /// </summary>
    public bool IsOnTrial => Read(() => _amidSuccesses > 0 && (_waitsInVain == 0 || IsHighlySuspect));

    /// <summary>The rounds of probes in which the message failed.</summary>
    public int FailedRounds { get; private set; }

    /// <summary>How many of the latest rounds, in a row, no other message took part in.</summary>
    public int RoundsAlone { get; private set; }

    /// <summary>Whether the log has named the message as the only one that keeps the breaker open.</summary>
    public bool IsReported { get; set; }

    /// <summary>
    /// Whether the failures are the message's own: the probability that it met so many of all failures since its first one by chance is below
    /// one in a million, or it keeps failing alone after the dependency worked for many others.
    /// </summary>
    public bool IsProven => Read(() =>
        (_amidSuccesses > 1 && Chance(_amidSuccesses) <= _doubt)
        || (IsHighlySuspect && Math.Max(_waitsInVain, RoundsAlone) >= ProvenAlone)
        || (_followsSuccesses && breaker.Key is null && RoundsAlone >= ProvenAlone && breaker.Clock.GetElapsedSince(_firstFailedAt) >= LongAlone));

    /// <summary>
    /// Whether it has failed so often in a row without another message getting through that it indicates an outage, unless the evidence against
    /// the message is strong.
    /// </summary>
    public bool IsAloneTooOften => Read(() => _alone >= MostAlone && !IsHighlySuspect && SuccessesOf(breaker.Totals) == SuccessesOf(_sinceAlone));

    // The failures since the latest success of another message may share one cause, so they count as one.
    bool IsHighlySuspect => _amidSuccesses > 0 && Chance(_amidSuccesses + Math.Min(_alone, 1)) <= DoubtAlone;

    /// <summary>The message has failed.</summary>
    /// <param name="failedAt">When.</param>
    /// <param name="failure">How.</param>
    /// <param name="isProbe">Whether it was a probe: few other messages are probed with then.</param>
    /// <returns>What to wait for before it runs again.</returns>
    public LaterSuccess Fail(long failedAt, in MessageFailure failure, bool isProbe = false)
    {
        lock (_lock)
        {
            Settle();
            if (_firstFailedAt == 0)
                (_firstFailedAt, _followsSuccesses) = (failedAt, breaker.WasHealthy);
            if (_amidSuccesses == 0)
                _since = breaker.Totals;
            else if (failure.IsCounted)
                _own++;
            if (_alone++ == 0)
                _sinceAlone = breaker.Totals;
            if (!failure.IsUnexplained)
                _doubt = Doubt;
            Drop();
            _awaited = new LaterSuccess(failedAt, _amidSuccesses == 0 || isProbe ? 1 : Random.Shared.Next(1, MostAwaited + 1), failure.HasCalled);
            breaker.Await(_awaited);
            return _awaited;
        }
    }

    /// <summary>No other message arrived to show whether the dependency works.</summary>
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
    /// <param name="round">The generation in which it failed.</param>
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
    /// Whether others should probe before this message, which failed as a probe. Asked once a round: if the message comes again in that round,
    /// it is alone.
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

    double Chance(int failures) => OutcomeTotals.ChanceOfFailing(_since, breaker.Totals, failures, _own);

    static long SuccessesOf(OutcomeTotals totals) => totals.Total - totals.Failures;
}

/// <summary>How a message failed.</summary>
/// <param name="IsUnexplained">No failing call and no rule explains the failure.</param>
/// <param name="HasCalled">It called the dependency before, as far as calls are observed.</param>
/// <param name="IsCounted">The breaker counted the failure.</param>
readonly record struct MessageFailure(bool IsUnexplained, bool HasCalled, bool IsCounted);
