using System.Globalization;

namespace Messaging.Breaker.Engine;

/// <summary>
/// The state machine: closed, open, half-open, isolated. Pure: no I/O, no timer and no clock; time is an argument, in timestamps that never
/// go back. Thread-safe: the closed path reads one word and counts on its own cache line, everything else takes one short lock, and every
/// change of state passes through <see cref="MoveTo"/>. Listeners hear of changes in order, outside the lock.
/// </summary>
sealed class BreakerEngine
{
    const long Forever = long.MaxValue;

    readonly Lock _lock = new();
    readonly SlidingWindow _window = new();
    readonly BreakSchedule _breaks;
    readonly OrderedDelivery<StateChange> _changes;
    readonly Func<string?> _describeFailures;
    BreakerSettings _settings;
    ProbeRound? _round;
    int _consecutive;
    long _until = Forever;
    // Before then an active probe does not end the break.
    long _notBefore = Forever;
    bool _isByActiveProbe;
    long _grace;
    long _since;
    string _reason = "started";
    string? _suspect;

    // Generation, mode and state in one word, so that the closed path reads them together without the lock.
    long _word;
    long _probes;
    long _failedProbes;

    /// <param name="settings">The options.</param>
    /// <param name="mode">The mode to start in.</param>
    /// <param name="now">The time.</param>
    /// <param name="random">Draws the jitter of breaks.</param>
    /// <param name="onChange">Hears of changes.</param>
    /// <param name="describeFailures">Says what the latest failures were, for the reason of a trip; called under the lock, so it must be quick.</param>
    public BreakerEngine(
        BreakerSettings settings, BreakerMode mode, long now, Random random, Action<StateChange> onChange, Func<string?>? describeFailures = null)
    {
        _settings = settings;
        _breaks = new BreakSchedule(random);
        _changes = new OrderedDelivery<StateChange>(onChange);
        _describeFailures = describeFailures ?? (() => null);
        _since = now;
        _word = Word.Pack(1, mode, BreakerState.Closed);
        _window.Restart(settings, now);
    }

    public BreakerState State => Word.State(Volatile.Read(ref _word));

    public BreakerMode Mode => Word.Mode(Volatile.Read(ref _word));

    public long Generation => Word.Generation(Volatile.Read(ref _word));

    public BreakerSettings Settings => Volatile.Read(ref _settings);

    /// <summary>When <see cref="Advance"/> has something to do, unless something else happens before; null for never.</summary>
    public long? Deadline
    {
        get
        {
            lock (_lock)
                return State switch
                {
                    BreakerState.HalfOpen => _round!.Deadline,
                    BreakerState.Closed => null,
                    _ => After(_until, _grace) is < Forever and var end ? end : null,
                };
        }
    }

    /// <summary>How many more permits of this HalfOpen may be given now; 0 in any other state.</summary>
    public int FreeProbes
    {
        get
        {
            lock (_lock)
                return _round?.Free ?? 0;
        }
    }

    public Tally Tally
    {
        get
        {
            lock (_lock)
            {
                var (total, failures) = _window.Tally;
                return new Tally(total + _probes, failures + _failedProbes);
            }
        }
    }

    public OutcomeCounts Counts
    {
        get
        {
            lock (_lock)
                return _window.Counts with { Probes = _probes, FailedProbes = _failedProbes };
        }
    }

    public EngineSnapshot Read(long now)
    {
        lock (_lock)
            return new EngineSnapshot(State, Mode, Generation, _reason, _since, _until == Forever ? null : _until, Evidence(now));
    }

    /// <summary>In Closed time changes nothing, so that a permit costs no look at the clock.</summary>
    public bool TryAcquireInClosed(out Permit permit)
    {
        var word = Volatile.Read(ref _word);
        var isClosed = Word.State(word) == BreakerState.Closed;
        permit = isClosed ? PermitInClosed(word) : Permit.Refused;
        return isClosed;
    }

    public Permit TryAcquire(long now)
    {
        if (TryAcquireInClosed(out var permit))
            return permit;
        lock (_lock)
        {
            AdvanceLocked(now);
            permit = PermitLocked(now);
        }

        _changes.Deliver();
        return permit;
    }

    /// <summary>Whether a permit is of the present state: one of an earlier state admits nothing any more.</summary>
    public bool IsCurrent(in Permit permit) => permit.IsGranted && permit.Generation == Generation;

    /// <param name="permit">What admitted it.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="elapsed">How long it took.</param>
    /// <param name="now">The time.</param>
    /// <param name="wasOverdue">It was counted by <see cref="RecordOverdue"/>, and is not another one of a row.</param>
    public void Record(in Permit permit, Outcome outcome, long elapsed, long now, bool wasOverdue = false)
    {
        if (!permit.IsCounted)
            return;
        var settings = Settings;
        if (outcome == Outcome.Success && !permit.IsProbe && elapsed <= settings.SlowCall)
        {
            if (IsCurrent(permit))
                CountSuccess(settings, now);
            return;
        }

        lock (_lock)
            RecordLocked(permit, outcome, elapsed, now, wasOverdue);
        _changes.Deliver();
    }

    /// <summary>
    /// A call has taken too long, and has not ended: one more of a row, as if it had failed. The window waits for how it ends.
    /// </summary>
    public void RecordOverdue(in Permit permit, long now)
    {
        lock (_lock)
        {
            AdvanceLocked(now);
            if (!IsCurrent(permit) || !permit.IsCounted)
                return;
            if (permit.IsProbe)
                RecordProbe(permit.Slot, Outcome.Failure, isGood: false, now);
            else if (++_consecutive >= _settings.ConsecutiveFailures)
                OpenAfterRow(now);
        }

        _changes.Deliver();
    }

    /// <summary>A failure that decides by itself: the dependency said that it is down, and perhaps for how long.</summary>
    public void RecordFatal(in Permit permit, TransitionCause cause, string why, long minimumBreak, long now)
    {
        lock (_lock)
        {
            AdvanceLocked(now);
            if (IsCurrent(permit) && permit.IsCounted && (!permit.IsProbe || _round!.GiveBack(permit.Slot)))
            {
                CountFatal(permit, now);
                Open(cause, cause == TransitionCause.TripImmediately ? why : why + _describeFailures(), minimumBreak, now);
            }
        }

        _changes.Deliver();
    }

    /// <summary>A failure that was counted before turns out to be enough.</summary>
    public void Trip(in Permit permit, TransitionCause cause, string reason, long now)
    {
        lock (_lock)
        {
            AdvanceLocked(now);
            if (IsCurrent(permit) && permit is { IsCounted: true, IsProbe: false })
                Open(cause, reason + _describeFailures(), 0, now);
        }

        _changes.Deliver();
    }

    /// <summary>Gives a permit back without an outcome.</summary>
    public void GiveBack(in Permit permit, long now) => Record(permit, Outcome.Ignored, 0, now);

    /// <summary>
    /// The dependency itself said that it is back. Not believed while it, or an operator, asked for the break; nor for as long as the first
    /// break lasts after messages have refuted it.
    /// </summary>
    public void EndBreak(long generation, long now)
    {
        lock (_lock)
            if (State == BreakerState.Open && Generation == generation && now >= _notBefore)
            {
                MoveTo(BreakerState.HalfOpen, TransitionCause.BreakElapsed, "the probe succeeded", now);
                _isByActiveProbe = true;
            }

        _changes.Deliver();
    }

    /// <summary>Does what time alone demands: ends a break or an isolation, takes back the permits of hung probes.</summary>
    public void Advance(long now)
    {
        lock (_lock)
            AdvanceLocked(now);
        _changes.Deliver();
    }

    /// <summary>Names the one message that keeps the breaker open: told with each reopening until it closes.</summary>
    public void Suspect(string message) => Volatile.Write(ref _suspect, message);

    public void Reconfigure(BreakerSettings settings) => Volatile.Write(ref _settings, settings);

    public void Trip(string reason, long minimumBreak, long now)
    {
        lock (_lock)
        {
            AdvanceLocked(now);
            if (Mode != BreakerMode.Disabled && State is BreakerState.Closed or BreakerState.HalfOpen)
                Open(TransitionCause.Operator, reason, minimumBreak, now);
        }

        _changes.Deliver();
    }

    /// <summary>False if the breaker is disabled.</summary>
    public bool Isolate(string reason, long? expiry, long now)
    {
        lock (_lock)
        {
            if (Mode == BreakerMode.Disabled)
                return false;
            MoveTo(BreakerState.Isolated, TransitionCause.Operator, reason, now, expiry is { } length ? After(now, length) : Forever);
        }

        _changes.Deliver();
        return true;
    }

    public void Release(string reason, long now)
    {
        lock (_lock)
            if (State == BreakerState.Isolated)
                MoveTo(BreakerState.HalfOpen, TransitionCause.Operator, reason, now);
        _changes.Deliver();
    }

    public void Reset(string reason, long now)
    {
        lock (_lock)
            MoveTo(BreakerState.Closed, TransitionCause.Operator, reason, now);
        _changes.Deliver();
    }

    public void SetMode(BreakerMode mode, string reason, long now, TransitionCause cause = TransitionCause.ModeChanged)
    {
        lock (_lock)
            if (mode != Mode)
                MoveTo(BreakerState.Closed, cause, reason, now, mode: mode);
        _changes.Deliver();
    }

    /// <summary>
    /// How long the end of a break or an isolation waits for the fleet's permission to probe, before the breaker probes without.
    /// </summary>
    public void SetGrace(long grace, long now)
    {
        lock (_lock)
        {
            _grace = grace;
            AdvanceLocked(now);
        }

        _changes.Deliver();
    }

    /// <summary>
    /// Takes over what the fleet decided; a state that it is in already is only prolonged. False if this breaker has changed since it was
    /// looked at.
    /// </summary>
    public bool Adopt(in Adoption adoption, long now)
    {
        lock (_lock)
        {
            if (Generation != adoption.Generation)
                return false;
            var to = adoption.Mode == BreakerMode.Disabled ? BreakerState.Closed : adoption.State;
            if (to == BreakerState.Open && (State == BreakerState.Closed || adoption.Cause == TransitionCause.ProbesFailed))
                _breaks.Skip(now);
            if (to != State || adoption.Mode != Mode)
                MoveTo(to, adoption.Cause, adoption.Reason, now, adoption.Until ?? Forever, adoption.Mode, adoption.Origin);
            else if (to is BreakerState.Open or BreakerState.Isolated)
                (_until, _reason) = (adoption.Until ?? Forever, adoption.Reason);
            if (to == BreakerState.Open)
                _notBefore = adoption.Cause switch
                {
                    TransitionCause.Operator or TransitionCause.TripImmediately => _until,
                    // Perhaps after a yes, which whoever asks next does not know.
                    TransitionCause.ProbesFailed => After(_since, _settings.Break),
                    _ => _since,
                };
        }

        _changes.Deliver();
        return true;
    }

    static Permit PermitInClosed(long word) => Word.Mode(word) == BreakerMode.Disabled
        ? Permit.Uncounted(Word.Generation(word))
        : Permit.Closed(Word.Generation(word));

    Permit PermitLocked(long now)
    {
        var word = _word;
        if (Word.State(word) == BreakerState.Closed)
            return PermitInClosed(word);
        if (Word.State(word) == BreakerState.HalfOpen && _round!.TryTake(now, out var slot))
            return Permit.Probe(Word.Generation(word), slot);
        return Word.Mode(word) == BreakerMode.Shadow ? Permit.Uncounted(Word.Generation(word)) : Permit.Refused;
    }

    void CountSuccess(BreakerSettings settings, long now)
    {
        if (Volatile.Read(ref _consecutive) != 0)
            Volatile.Write(ref _consecutive, 0);
        if (_window.IsOver(now))
            TryRoll(settings, now);
        if (_window.CountSuccess(settings))
            TryRoll(settings, now);
    }

    /// <summary>Whoever holds the lock will do as well, or the next success: the roll is never worth waiting for.</summary>
    void TryRoll(BreakerSettings settings, long now)
    {
        if (!_lock.TryEnter())
            return;
        try
        {
            _window.Roll(settings, now);
        }
        finally
        {
            _lock.Exit();
        }
    }

    void RecordLocked(in Permit permit, Outcome outcome, long elapsed, long now, bool wasOverdue)
    {
        AdvanceLocked(now);
        if (!IsCurrent(permit))
            return;
        var isGood = outcome == Outcome.Success && elapsed <= _settings.SlowCall;
        if (permit.IsProbe)
            RecordProbe(permit.Slot, outcome, isGood, now);
        else if (outcome != Outcome.Ignored)
            RecordInClosed(outcome, wasOverdue, now);
    }

    void CountFatal(in Permit permit, long now)
    {
        if (permit.IsProbe)
        {
            _probes++;
            _failedProbes++;
            return;
        }

        _window.Roll(_settings, now);
        _window.CountFailure();
    }

    void RecordInClosed(Outcome outcome, bool wasOverdue, long now)
    {
        _window.Roll(_settings, now);
        if (outcome == Outcome.Failure)
            _window.CountFailure();
        else
            _window.CountSlow();
        if (!wasOverdue)
            _consecutive++;

        var window = _window.Read(_settings, now);
        if (_consecutive >= _settings.ConsecutiveFailures)
            OpenAfterRow(now);
        else if (window.Total < _settings.MinimumThroughput)
            return;
        else if (window.Failures >= _settings.FailureRatio * window.Total)
            Open(TransitionCause.FailureRatio, Share(window.Failures, window.Total, "calls failed") + _describeFailures(), 0, now);
        else if (window.Slow >= _settings.SlowCallRatio * window.Total)
            Open(TransitionCause.SlowCallRatio, Share(window.Slow, window.Total, "calls were slow"), 0, now);
    }

    void OpenAfterRow(long now) =>
        Open(TransitionCause.ConsecutiveFailures, $"{_consecutive} failures or slow calls in a row" + _describeFailures(), 0, now);

    void RecordProbe(int slot, Outcome outcome, bool isGood, long now)
    {
        if (outcome == Outcome.Ignored)
            _round!.GiveBack(slot);
        else if (_round!.Complete(slot, isGood))
        {
            _probes++;
            _failedProbes += isGood ? 0 : 1;
            JudgeRound(now);
        }
    }

    void JudgeRound(long now)
    {
        var round = _round!;
        if (round.HasSucceeded)
            MoveTo(BreakerState.Closed, TransitionCause.ProbesSucceeded, Share(round.Successes, round.Snapshot.Total, "probes succeeded"), now);
        else if (round.HasFailed)
            Open(TransitionCause.ProbesFailed, Share(round.Failures, round.Snapshot.Total, "probes failed") + _describeFailures() + _suspect, 0, now);
    }

    void AdvanceLocked(long now)
    {
        switch (State)
        {
            case BreakerState.Open when now >= After(_until, _grace):
                MoveTo(BreakerState.HalfOpen, TransitionCause.BreakElapsed, "the break has passed", now);
                break;
            case BreakerState.Isolated when now >= After(_until, _grace):
                MoveTo(BreakerState.HalfOpen, TransitionCause.IsolationExpired, "the isolation expired", now);
                break;
            case BreakerState.HalfOpen when _round!.TakeBackHung(now) > 0:
                JudgeRound(now);
                break;
        }
    }

    void Open(TransitionCause cause, string reason, long minimumBreak, long now)
    {
        var wasRefuted = cause == TransitionCause.ProbesFailed && _isByActiveProbe;
        MoveTo(BreakerState.Open, cause, reason, now, After(now, _breaks.Next(_settings, minimumBreak, now)));
        if (cause != TransitionCause.Operator)
            _notBefore = After(now, wasRefuted ? Math.Max(minimumBreak, _settings.Break) : minimumBreak);
    }

    /// <summary>A demand beyond the end of the clock is for ever.</summary>
    static long After(long now, long length) => length < Forever - now ? now + length : Forever;

    /// <summary>The only place that assigns the state.</summary>
    void MoveTo(BreakerState to, TransitionCause cause, string reason, long now, long until = Forever, BreakerMode? mode = null, Origin origin = default)
    {
        var (from, evidence) = (State, Evidence(now));
        var generation = Generation + 1;
        var newMode = mode ?? Mode;

        _reason = reason;
        _since = now;
        _until = until;
        _notBefore = until;
        _isByActiveProbe = false;
        _consecutive = 0;
        _round = to == BreakerState.HalfOpen ? new ProbeRound(_settings) : null;
        if (to == BreakerState.Closed)
        {
            _suspect = null;
            _breaks.Restart();
            _window.Restart(_settings, now);
        }

        Volatile.Write(ref _word, Word.Pack(generation, newMode, to));
        _changes.Add(new StateChange(from, to, cause, reason, now, generation, evidence, until == Forever ? null : until - now, newMode, origin));
    }

    WindowSnapshot Evidence(long now) => State switch
    {
        BreakerState.Closed => _window.Read(_settings, now),
        BreakerState.HalfOpen => _round!.Snapshot,
        _ => default,
    };

    static string Share(long part, long total, string what) => string.Create(CultureInfo.InvariantCulture, $"{part} of {total} {what}");

    static class Word
    {
        public static long Pack(long generation, BreakerMode mode, BreakerState state) => (generation << 4) | ((long)mode << 2) | (long)state;

        public static long Generation(long word) => word >> 4;

        public static BreakerMode Mode(long word) => (BreakerMode)((word >> 2) & 3);

        public static BreakerState State(long word) => (BreakerState)(word & 3);
    }
}
