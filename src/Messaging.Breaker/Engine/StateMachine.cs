using System.Globalization;

namespace Messaging.Breaker.Engine;

/// <summary>
/// The state machine of a circuit breaker: closed, open, half-open, isolated. It has no I/O, timer or clock: the time is an argument, in timestamps
/// that never go back. Everything except <see cref="Word"/> and <see cref="Settings"/> is protected by the lock of the <see cref="BreakerEngine"/>.
/// </summary>
sealed class StateMachine
{
    readonly SlidingWindow _window;
    readonly BreakSchedule _breaks;
    readonly Action<StateChange> _onChange;
    readonly Func<string?> _describeFailures;
    readonly OpenPeriod _open = new();
    BreakerSettings _settings;
    ProbeRound? _round;
    ProbeRound? _lastRound;
    bool _isByActiveProbe;
    long _since;
    string _reason = "started";
    string? _suspect;
    long _word;
    long _probes;
    long _failedProbes;

    public StateMachine(
        BreakerSettings settings, BreakerMode mode, SlidingWindow window, BreakSchedule breaks, long now, Action<StateChange> onChange, Func<string?> describeFailures)
    {
        (_settings, _window, _breaks, _since, _onChange, _describeFailures) = (settings, window, breaks, now, onChange, describeFailures);
        _word = new StateWord(1, mode, BreakerState.Closed).Value;
        window.Restart(settings, now);
    }

    public StateWord Word => new(Volatile.Read(ref _word));

    public BreakerSettings Settings
    {
        get => Volatile.Read(ref _settings);
        set => Volatile.Write(ref _settings, value);
    }

    public OpenPeriod Open => _open;

    /// <summary>When <see cref="Advance"/> must be called next if nothing else happens before; null for never.</summary>
    public long? Deadline => State switch
    {
        BreakerState.Closed => null,
        BreakerState.HalfOpen => _round!.Deadline,
        _ => _open.Deadline,
    };

    public int FreeProbes => _round?.Free ?? 0;

    public OutcomeCounts Counts => _window.Counts with { Probes = _probes, FailedProbes = _failedProbes };

    BreakerState State => Word.State;

    public EngineSnapshot Read(long now) => new(State, Word.Mode, Word.Generation, _reason, _since, _open.Until, Evidence(now));

    /// <summary>Whether a permit was issued in the current state. A permit of an earlier state admits nothing.</summary>
    public bool IsCurrent(in Permit permit) => permit.IsGranted && permit.Generation == Word.Generation;

    /// <summary>Makes the changes that depend only on time: ends a break or an isolation, and takes back the permits of hung probes.</summary>
    public void Advance(long now)
    {
        switch (State)
        {
            case BreakerState.Open when _open.IsOver(now):
                MoveTo(BreakerState.HalfOpen, TransitionCause.BreakElapsed, "the break has passed", now);
                break;
            case BreakerState.Isolated when _open.IsOver(now):
                MoveTo(BreakerState.HalfOpen, TransitionCause.IsolationExpired, "the isolation expired", now);
                break;
            case BreakerState.HalfOpen when _round!.TakeBackHung(now) > 0:
                JudgeRound(now);
                break;
        }
    }

    public Permit TryAcquire(long now)
    {
        Advance(now);
        var word = Word;
        if (word.State == BreakerState.Closed)
            return Permit.InClosed(word);
        if (word.State == BreakerState.HalfOpen && _round!.TryTake(now, out var slot))
            return Permit.Probe(word.Generation, slot);
        return word.Mode == BreakerMode.Shadow ? Permit.Uncounted(word.Generation) : Permit.Refused;
    }

    /// <summary>Counts the outcome of a call. Fast successes in Closed are counted elsewhere, without the lock.</summary>
    /// <param name="permit">The permit that admitted the call.</param>
    /// <param name="outcome">How the call ended.</param>
    /// <param name="isGood">Whether the call succeeded and was not slow.</param>
    /// <param name="now">The time.</param>
    /// <param name="wasOverdue">Whether <see cref="RecordOverdue"/> has already counted the call in the row, so that it is not counted there
    /// again.</param>
    public void Record(in Permit permit, Outcome outcome, bool isGood, long now, bool wasOverdue)
    {
        Advance(now);
        if (!IsCurrent(permit))
            RecordLate(permit, outcome, isGood);
        else if (permit.IsProbe)
            RecordProbe(permit.Slot, outcome, isGood, now);
        else if (outcome != Outcome.Ignored)
            RecordInClosed(outcome, wasOverdue, now);
    }

    /// <summary>A call has taken too long and is still running: it extends the row like a failure. The window counts it only when it ends.</summary>
    public void RecordOverdue(in Permit permit, long now)
    {
        Advance(now);
        if (!IsCurrent(permit) || !permit.IsCounted)
            return;
        if (permit.IsProbe)
            RecordProbe(permit.Slot, Outcome.Failure, isGood: false, now);
        else if (_window.ExtendRow() >= _settings.ConsecutiveFailures)
            OpenAfterRow(now);
    }

    /// <summary>A failure that opens the breaker by itself: the dependency said that it is down, and perhaps for how long.</summary>
    public void RecordFatal(in Permit permit, TransitionCause cause, string why, long minimumBreak, long now)
    {
        Advance(now);
        if (!IsCurrent(permit) || !permit.IsCounted)
            return;
        if (!permit.IsProbe)
            _window.CountFailure(_settings, now);
        else if (_round!.GiveBack(permit.Slot))
            CountProbe(isGood: false);
        else
            return;
        OpenFor(cause, cause == TransitionCause.TripImmediately ? why : why + _describeFailures(), minimumBreak, now);
    }

    /// <summary>Opens the breaker because of a failure in Closed that was counted before.</summary>
    public void Trip(in Permit permit, TransitionCause cause, string reason, long now)
    {
        Advance(now);
        if (IsCurrent(permit) && permit is { IsCounted: true, IsProbe: false })
            OpenFor(cause, reason + _describeFailures(), 0, now);
    }

    /// <summary>Opens the breaker for as long as the schedule says, but at least for <paramref name="minimumBreak"/>.</summary>
    public void OpenFor(TransitionCause cause, string reason, long minimumBreak, long now)
    {
        var wasRefuted = cause == TransitionCause.ProbesFailed && _isByActiveProbe;
        MoveTo(BreakerState.Open, cause, reason, now, OpenPeriod.After(now, _breaks.Next(_settings, minimumBreak, now)));
        if (cause != TransitionCause.Operator)
            _open.AllowEarlyEnd(OpenPeriod.After(now, wasRefuted ? Math.Max(minimumBreak, _settings.Break) : minimumBreak));
    }

    /// <summary>Ends the break because the dependency answered an active probe.</summary>
    public void EndBreak(long now)
    {
        MoveTo(BreakerState.HalfOpen, TransitionCause.BreakElapsed, "the probe succeeded", now);
        _isByActiveProbe = true;
    }

    /// <summary>
    /// Sets the text that names the one message that keeps the breaker open. The reason of each reopen includes it until the breaker closes.
    /// </summary>
    public void Suspect(string message) => Volatile.Write(ref _suspect, message);

    /// <inheritdoc cref="BreakerEngine.Adopt"/>
    public void Adopt(in FleetDecision decision, long now)
    {
        var to = decision.Mode == BreakerMode.Disabled ? BreakerState.Closed : decision.State;
        if (to == BreakerState.Open && (State == BreakerState.Closed || decision.Cause == TransitionCause.ProbesFailed))
            _breaks.Skip(now);
        if (to != State || decision.Mode != Word.Mode)
            MoveTo(to, decision.Cause, decision.Reason, now, decision.Until, decision.Mode, decision.Origin);
        else if (to is BreakerState.Open or BreakerState.Isolated)
        {
            _reason = decision.Reason;
            _open.Prolong(decision.Until);
        }

        if (to == BreakerState.Open)
            _open.AllowEarlyEnd(decision.Cause switch
            {
                TransitionCause.Operator or TransitionCause.TripImmediately => null,
                // An active probe may have succeeded before. The instance that asks next does not know that.
                TransitionCause.ProbesFailed => OpenPeriod.After(_since, _settings.Break),
                _ => _since,
            });
    }

    /// <summary>The only method that assigns the state.</summary>
    public void MoveTo(
        BreakerState to, TransitionCause cause, string reason, long now, long? until = null, BreakerMode? mode = null, Origin origin = default)
    {
        var (from, evidence) = (State, Evidence(now));
        var word = new StateWord(Word.Generation + 1, mode ?? Word.Mode, to);

        _reason = reason;
        _since = now;
        _open.Begin(until);
        _isByActiveProbe = false;
        _window.EndRow();
        _lastRound = _round;
        _round = to == BreakerState.HalfOpen ? new ProbeRound(_settings) : null;
        if (to == BreakerState.Closed)
        {
            _suspect = null;
            _breaks.Restart();
            _window.Restart(_settings, now);
        }

        Volatile.Write(ref _word, word.Value);
        _onChange(new StateChange(from, to, cause, reason, now, word.Generation, evidence, _open.Until - now, word.Mode, origin));
    }

    void RecordInClosed(Outcome outcome, bool wasOverdue, long now)
    {
        if (outcome == Outcome.Failure)
            _window.CountFailure(_settings, now);
        else
            _window.CountSlow(_settings, now);
        var row = wasOverdue ? _window.Row : _window.ExtendRow();
        var window = _window.Read(_settings, now);
        if (row >= _settings.ConsecutiveFailures)
            OpenAfterRow(now);
        else if (window.Total < _settings.MinimumThroughput)
            return;
        else if (window.Failures >= _settings.FailureRatio * window.Total)
            OpenFor(TransitionCause.FailureRatio, Share(window.Failures, window.Total, "calls failed") + _describeFailures(), 0, now);
        else if (window.Slow >= _settings.SlowCallRatio * window.Total)
            OpenFor(TransitionCause.SlowCallRatio, Share(window.Slow, window.Total, "calls were slow"), 0, now);
    }

    void OpenAfterRow(long now) =>
        OpenFor(TransitionCause.ConsecutiveFailures, $"{_window.Row} failures or slow calls in a row" + _describeFailures(), 0, now);

    void RecordProbe(int slot, Outcome outcome, bool isGood, long now)
    {
        if (outcome == Outcome.Ignored)
            _round!.GiveBack(slot);
        else if (_round!.Complete(slot, isGood))
        {
            CountProbe(isGood);
            JudgeRound(now);
        }
    }

    void JudgeRound(long now)
    {
        var round = _round!;
        if (round.HasSucceeded)
            MoveTo(BreakerState.Closed, TransitionCause.ProbesSucceeded, Share(round.Successes, round.Snapshot.Total, "probes succeeded"), now);
        else if (round.HasFailed)
            OpenFor(TransitionCause.ProbesFailed, Share(round.Failures, round.Snapshot.Total, "probes failed") + _describeFailures() + _suspect, 0, now);
    }

    /// <summary>
    /// Counts a probe that ends after its round was decided. It no longer affects the state. But when several probes began together, its result helps
    /// to tell whose fault the other failures are.
    /// </summary>
    void RecordLate(in Permit permit, Outcome outcome, bool isGood)
    {
        if (permit.IsProbe && outcome != Outcome.Ignored && permit.Generation == Word.Generation - 1 && _lastRound?.Complete(permit.Slot, isGood) == true)
            CountProbe(isGood);
    }

    void CountProbe(bool isGood)
    {
        _probes++;
        _failedProbes += isGood ? 0 : 1;
    }

    WindowSnapshot Evidence(long now) => State switch
    {
        BreakerState.Closed => _window.Read(_settings, now),
        BreakerState.HalfOpen => _round!.Snapshot,
        _ => default,
    };

    static string Share(long part, long total, string what) => string.Create(CultureInfo.InvariantCulture, $"{part} of {total} {what}");
}
