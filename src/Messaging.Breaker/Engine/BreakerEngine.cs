namespace Messaging.Breaker.Engine;

/// <summary>
/// The engine of one breaker. It makes the <see cref="StateMachine"/> thread-safe, and lets operators and the fleet control it. A call that succeeds
/// in Closed reads one word and increments a counter on its own cache line; everything else takes one short lock. Listeners are notified of changes
/// in order, outside the lock.
/// </summary>
sealed class BreakerEngine
{
    readonly Lock _lock = new();
    readonly SlidingWindow _window = new();
    readonly StateMachine _machine;
    readonly OrderedDelivery<StateChange> _changes;

    /// <param name="settings">The options.</param>
    /// <param name="mode">The mode to start in.</param>
    /// <param name="now">The time.</param>
    /// <param name="random">The source of jitter for breaks.</param>
    /// <param name="onChange">Called for each change.</param>
    /// <param name="describeFailures">Describes the latest failures, for the reason of a trip. Called under the lock, so it must be quick.</param>
    public BreakerEngine(
        BreakerSettings settings, BreakerMode mode, long now, Random random, Action<StateChange> onChange, Func<string?>? describeFailures = null)
    {
        _changes = new OrderedDelivery<StateChange>(onChange);
        _machine = new StateMachine(settings, mode, _window, new BreakSchedule(random), now, _changes.Add, describeFailures ?? (() => null));
    }

    public BreakerState State => _machine.Word.State;

    public BreakerMode Mode => _machine.Word.Mode;

    public long Generation => _machine.Word.Generation;

    public BreakerSettings Settings => _machine.Settings;

    /// <inheritdoc cref="StateMachine.Deadline"/>
    public long? Deadline
    {
        get
        {
            lock (_lock)
                return _machine.Deadline;
        }
    }

    /// <summary>The number of probe permits that HalfOpen can still issue now; 0 in any other state.</summary>
    public int FreeProbes
    {
        get
        {
            lock (_lock)
                return _machine.FreeProbes;
        }
    }

    public OutcomeTotals Totals => Counts.Totals;

    public OutcomeCounts Counts
    {
        get
        {
            lock (_lock)
                return _machine.Counts;
        }
    }

    public EngineSnapshot Read(long now)
    {
        lock (_lock)
            return _machine.Read(now);
    }

    /// <summary>Issues a permit if the breaker is closed. That needs no clock, because time alone changes nothing in Closed.</summary>
    public bool TryAcquireInClosed(out Permit permit)
    {
        var word = _machine.Word;
        var isClosed = word.State == BreakerState.Closed;
        permit = isClosed ? Permit.InClosed(word) : Permit.Refused;
        return isClosed;
    }

    public Permit TryAcquire(long now)
    {
        if (TryAcquireInClosed(out var permit))
            return permit;
        lock (_lock)
            permit = _machine.TryAcquire(now);
        _changes.Deliver();
        return permit;
    }

    /// <inheritdoc cref="StateMachine.IsCurrent"/>
    public bool IsCurrent(in Permit permit) => _machine.IsCurrent(permit);

    /// <param name="permit">The permit that admitted the call.</param>
    /// <param name="outcome">How the call ended.</param>
    /// <param name="elapsed">How long the call took.</param>
    /// <param name="now">The time.</param>
    /// <param name="wasOverdue">Whether <see cref="RecordOverdue"/> has already counted the call in the row, so that it is not counted there
    /// again.</param>
    public void Record(in Permit permit, Outcome outcome, long elapsed, long now, bool wasOverdue = false)
    {
        if (!permit.IsCounted)
            return;
        var settings = Settings;
        var isGood = outcome == Outcome.Success && elapsed <= settings.SlowCall;
        if (isGood && !permit.IsProbe)
        {
            if (IsCurrent(permit))
                CountSuccess(settings, now);
            return;
        }

        lock (_lock)
            _machine.Record(permit, outcome, isGood, now, wasOverdue);
        _changes.Deliver();
    }

    /// <inheritdoc cref="StateMachine.RecordOverdue"/>
    public void RecordOverdue(in Permit permit, long now)
    {
        lock (_lock)
            _machine.RecordOverdue(permit, now);
        _changes.Deliver();
    }

    /// <inheritdoc cref="StateMachine.RecordFatal"/>
    public void RecordFatal(in Permit permit, TransitionCause cause, string why, long minimumBreak, long now)
    {
        lock (_lock)
            _machine.RecordFatal(permit, cause, why, minimumBreak, now);
        _changes.Deliver();
    }

    /// <inheritdoc cref="StateMachine.Trip"/>
    public void Trip(in Permit permit, TransitionCause cause, string reason, long now)
    {
        lock (_lock)
            _machine.Trip(permit, cause, reason, now);
        _changes.Deliver();
    }

    /// <summary>Gives a permit back without an outcome.</summary>
    public void GiveBack(in Permit permit, long now) => Record(permit, Outcome.Ignored, 0, now);

    /// <inheritdoc cref="StateMachine.Advance"/>
    public void Advance(long now)
    {
        lock (_lock)
            _machine.Advance(now);
        _changes.Deliver();
    }

    /// <inheritdoc cref="StateMachine.Suspect"/>
    public void Suspect(string message) => _machine.Suspect(message);

    public void Reconfigure(BreakerSettings settings) => _machine.Settings = settings;

    /// <summary>
    /// Ends a break because the dependency answered an active probe. Ignored while the dependency or an operator demands the break. Also ignored
    /// after messages have refuted such an answer, for as long as the first break lasts.
    /// </summary>
    public void EndBreak(long generation, long now)
    {
        lock (_lock)
            if (State == BreakerState.Open && Generation == generation && _machine.Open.MayEndEarly(now))
                _machine.EndBreak(now);
        _changes.Deliver();
    }

    public void Trip(string reason, long minimumBreak, long now)
    {
        lock (_lock)
        {
            _machine.Advance(now);
            if (Mode != BreakerMode.Disabled && State is BreakerState.Closed or BreakerState.HalfOpen)
                _machine.OpenFor(TransitionCause.Operator, reason, minimumBreak, now);
        }

        _changes.Deliver();
    }

    /// <summary>Returns false if the breaker is disabled.</summary>
    public bool Isolate(string reason, long? expiry, long now)
    {
        lock (_lock)
        {
            if (Mode == BreakerMode.Disabled)
                return false;
            _machine.MoveTo(
                BreakerState.Isolated, TransitionCause.Operator, reason, now, expiry is { } length ? OpenPeriod.After(now, length) : null);
        }

        _changes.Deliver();
        return true;
    }

    public void Release(string reason, long now)
    {
        lock (_lock)
            if (State == BreakerState.Isolated)
                _machine.MoveTo(BreakerState.HalfOpen, TransitionCause.Operator, reason, now);
        _changes.Deliver();
    }

    public void Reset(string reason, long now)
    {
        lock (_lock)
            _machine.MoveTo(BreakerState.Closed, TransitionCause.Operator, reason, now);
        _changes.Deliver();
    }

    public void SetMode(BreakerMode mode, string reason, long now, TransitionCause cause = TransitionCause.ModeChanged)
    {
        lock (_lock)
            if (mode != Mode)
                _machine.MoveTo(BreakerState.Closed, cause, reason, now, mode: mode);
        _changes.Deliver();
    }

    /// <summary>
    /// Sets how long the end of a break or an isolation waits for the fleet's permission to probe. After that, the breaker probes without it.
    /// </summary>
    public void SetGrace(long grace, long now)
    {
        lock (_lock)
        {
            _machine.Open.Grace = grace;
            _machine.Advance(now);
        }

        _changes.Deliver();
    }

    /// <summary>
    /// Applies a decision of the fleet. If the breaker is in that state already, only its reason and its end are updated. Returns false if this
    /// breaker has changed since the decision was based on it.
    /// </summary>
    public bool Adopt(in FleetDecision decision, long now)
    {
        lock (_lock)
        {
            if (Generation != decision.Generation)
                return false;
            _machine.Adopt(decision, now);
        }

        _changes.Deliver();
        return true;
    }

    void CountSuccess(BreakerSettings settings, long now)
    {
        if (_window.IsOver(now))
            TryRoll(settings, now);
        if (_window.CountSuccess(settings))
            TryRoll(settings, now);
    }

    /// <summary>Rolls only if the lock is free. Otherwise whoever holds it, or the next success, rolls: it is never worth waiting for.</summary>
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
}
