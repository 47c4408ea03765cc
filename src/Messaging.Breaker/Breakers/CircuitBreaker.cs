using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Classifying;
using Messaging.Breaker.Engine;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.Breakers;

/// <summary>A breaker at run time: the engine plus a clock, an alarm for its deadlines, and a signal for those that wait for its changes.</summary>
sealed class CircuitBreaker : IBreaker, IDisposable
{
    const int MostRoundsAlone = 10;
    const double LooksAtSlowCalls = 4;

    readonly BreakerClock _clock;
    readonly BreakerEngine _engine;
    readonly BreakerAlarm _alarm;
    readonly BreakerAlarm _slowCallWatch;
    readonly Action<Transition> _onTransition;
    readonly AsyncSignal _changed = new();
    readonly LaterSuccesses _laterSuccesses = new();
    readonly RecentFailures _recentFailures = new();
    readonly BreakerRamp _ramp;
    readonly GuardedMessages _messages = new();
    BreakerOptions _options;
    long _ignored;
    long _lastFailedAt;
    long _refused;
    long _returned;
    int _letGo;
    bool _isAttributed;

    public CircuitBreaker(string name, BreakerOptions options, TimeProvider time, Random random, Action<Transition> onTransition)
    {
        Name = name;
        _options = options;
        _clock = new BreakerClock(time);
        _onTransition = onTransition;
        _ramp = new BreakerRamp(time.TimestampFrequency);
        _alarm = new BreakerAlarm(time, () => Advance());
        _slowCallWatch = new BreakerAlarm(time, WatchSlowCalls);
        _engine = new BreakerEngine(
            options.ToSettings(time.TimestampFrequency), options.Mode, time.GetTimestamp(), random, OnChange, DescribeFailures);
        SetSlowCallWatch();
    }

    public string Name { get; }

    /// <summary>
    /// Whether the breaker belongs to this instance and is not shared with the fleet: another instance may run a version that works.
    /// </summary>
    public bool IsLocal { get; init; }

    /// <summary>The keys that the breaker is split by; null if it is not split.</summary>
    public Partition? Partition { get; set; }

    /// <summary>
    /// The key that this breaker belongs to; null if it is not a key's. A key's breaker acts only while the breaker of the whole is closed. Otherwise
    /// the breaker of the whole decides.
    /// </summary>
    public BreakerKey? Key { get; init; }

    /// <summary>When it last counted a failure.</summary>
    public long LastFailedAt => Interlocked.Read(ref _lastFailedAt);

    IBreakerKeys? IBreaker.Keys => Partition;

    public BreakerState State => _engine.State;

    public BreakerMode Mode => _engine.Mode;

    /// <summary>The current options. A reload replaces the object and never changes it.</summary>
    public BreakerOptions Options => Volatile.Read(ref _options);

    /// <summary>Completes with the next transition, or when a probe's permit is given back. Ask for a permit again then.</summary>
    public Task Changed => _changed.Next;

    /// <summary>Whether calls have been attributed to this breaker. If so, a message that made none says nothing about the dependency.</summary>
    public bool IsAttributed
    {
        get => Key?.Partition.Whole.IsAttributed ?? _isAttributed;
        set => _isAttributed = value;
    }

    /// <summary>Whether the breaker keeps all messages from the dependency now.</summary>
    public bool IsRefusing => Mode == BreakerMode.Enforcing && State is BreakerState.Open or BreakerState.Isolated;

    /// <summary>Whether it admits every message: it is closed, or its mode holds back none in any state.</summary>
    public bool AdmitsAll => Mode != BreakerMode.Enforcing || State == BreakerState.Closed;

    /// <summary>Whether it is open, not isolated, and holds messages back.</summary>
    public bool IsBreaking => Mode == BreakerMode.Enforcing && State == BreakerState.Open;

    /// <summary>Whether this instance may ask the dependency whether it is back. In a fleet, one instance asks for all.</summary>
    public Func<bool> MayAsk { get; set; } = () => true;

    /// <summary>Whether requests that it does not admit now are answered at once.</summary>
    public bool IsFailingFast => Options.FailFastRequests && Mode == BreakerMode.Enforcing && State != BreakerState.Closed;

    /// <summary>How many messages an endpoint may take at once while this breaker probes; null for no limit.</summary>
    public int? ProbeLimit => Mode == BreakerMode.Enforcing && State == BreakerState.HalfOpen ? _engine.Settings.ProbeConcurrency : null;

    /// <summary>How many more probes may begin now; 0 if it is not half-open.</summary>
    public int FreeProbes => _engine.FreeProbes;

    /// <summary>Limits the concurrency after the dependency has come back; null when nothing is limited.</summary>
    public Ramp? Ramp => _ramp.Current ?? Key?.Partition.Whole.Ramp;

    /// <summary>The messages in flight, on all endpoints, that may use the dependency.</summary>
    public GuardedMessages Messages => Key?.Partition.Whole.Messages ?? _messages;

    /// <summary>The number of live instances in the fleet. Each begins a ramp with its share.</summary>
    public int Instances { get; set; } = 1;

    public long Generation => _engine.Generation;

    public BreakerClock Clock => _clock;

    public long Now => _clock.Now;

    /// <summary>Whether at least nine of ten of the latest calls succeeded, and there were enough of them to judge.</summary>
    public bool WasHealthy =>
        _engine.Read(Now).Evidence is var window && window.Total >= _engine.Settings.MinimumThroughput && window.Failures * 10 <= window.Total;

    /// <summary>Whether the breaker of the whole is not closed and decides instead of this one.</summary>
    bool IsOverruled => Key is { Partition.Whole: { State: not BreakerState.Closed, Mode: BreakerMode.Enforcing } };

    public Permit TryAcquire()
    {
        if (IsOverruled)
            return Permit.Refused;
        if (_engine.TryAcquireInClosed(out var permit))
            return permit;
        permit = _engine.TryAcquire(Now);
        if (permit.IsProbe)
            SetAlarm();
        return permit;
    }

    /// <summary>All counted outcomes.</summary>
    public OutcomeTotals Totals => _engine.Totals;

    /// <summary>The counted outcomes by kind, without ignored ones.</summary>
    public OutcomeCounts Counts => _engine.Counts;

    /// <summary>Outcomes that said nothing about the dependency.</summary>
    public long Ignored => Interlocked.Read(ref _ignored);

    /// <summary>Calls and requests that it refused.</summary>
    public long RefusedCalls => Interlocked.Read(ref _refused);

    /// <summary>Messages that were returned to their queues because of this breaker.</summary>
    public long Returned => Interlocked.Read(ref _returned);

    public void CountReturned() => Interlocked.Increment(ref _returned);

    /// <summary>Watches for successes on behalf of a message that failed. Call <see cref="Dismiss"/> if the wait ends before they come.</summary>
    public void Await(LaterSuccess success) => _laterSuccesses.Await(success);

    public void Dismiss(LaterSuccess success) => _laterSuccesses.Dismiss(success);

    /// <summary>A success that is not counted but shows that the dependency works.</summary>
    public void NoteSuccess(in Permit permit, long startedAt)
    {
        if (IsCurrent(permit))
            _laterSuccesses.Note(startedAt, hasCalled: true);
    }

    /// <summary>
    /// A message was handled without a call to the dependency. That says something only about messages that failed before their call.
    /// </summary>
    public void NoteHandled(in Permit permit, long startedAt)
    {
        if (IsCurrent(permit))
            _laterSuccesses.Note(startedAt, hasCalled: false);
    }

    /// <summary>Whether another message that may use the dependency is running, on any endpoint.</summary>
    public bool AreOthersRunning(InFlightMessage message) => Messages.AreOthersRunning(message, Key);

    public bool IsCurrent(in Permit permit) => _engine.IsCurrent(permit) && !IsOverruled;

    /// <summary>Counts an outcome of a call that began at <paramref name="startedAt"/>.</summary>
    public void Record(in Permit permit, Outcome outcome, long startedAt, long elapsed, long now, bool wasOverdue = false)
    {
        _engine.Record(permit, outcome, elapsed, now, wasOverdue);
        if (outcome == Outcome.Success)
            NoteSuccess(permit, startedAt);
        else if (outcome == Outcome.Ignored)
            Interlocked.Increment(ref _ignored);
        if (permit.IsProbe)
            _changed.Raise();
    }

    /// <inheritdoc cref="Record(in Permit, Outcome, long, long, long, bool)"/>
    public void Record(in Permit permit, Classification finding, Exception? exception, long startedAt, long elapsed, long now, bool wasOverdue = false)
    {
        if (finding.Outcome == Outcome.Failure)
        {
            Interlocked.Exchange(ref _lastFailedAt, now);
            _recentFailures.Add(exception is null ? finding.Detail : RecentFailures.Describe(exception));
        }

        if (finding.Demand is { } demand)
            _engine.RecordFatal(permit, demand.Cause, demand.Why, _engine.Settings.Units(demand.MinimumBreak ?? TimeSpan.Zero), now);
        else
            Record(permit, finding.Outcome, startedAt, elapsed, now, wasOverdue);
    }

    public bool IsSlow(long elapsed) => elapsed > _engine.Settings.SlowCall;

    /// <summary>Counts a call that is still running and has already taken too long.</summary>
    public void RecordOverdue(in Permit permit, long now)
    {
        _engine.RecordOverdue(permit, now);
        if (permit.IsProbe)
            _changed.Raise();
    }

    /// <summary>Trips because one message has failed so often and no other got through. That is an outage, however few the calls.</summary>
    public void TripAlone(in Permit permit) => _engine.Trip(
        permit, TransitionCause.ConsecutiveFailures, $"alone: {FailureHistory.MostAlone} failures of one message, with no other calls", Now);

    public void GiveBack(in Permit permit)
    {
        if (!permit.IsProbe)
            return;
        _engine.GiveBack(permit, Now);
        _changed.Raise();
    }

    /// <summary>
    /// Whether a message that fails round after round goes its ordinary way although nothing shows that the dependency works. Where order is kept,
    /// such a message at the head of its queue would otherwise block it for ever. If it was not at fault, the next one fails as well, and is held
    /// twice as long. In the queue of a key, other messages are tried beside it as soon as there are any, so it blocks nothing there.
    /// </summary>
    public bool TryLetGo(FailureHistory history)
    {
        if (Options.MaxProbeFailures is { } most)
            return history.FailedRounds >= most;
        if (!Options.KeepOrder || Key is not null || history.RoundsAlone < MostRoundsAlone << Math.Min(Volatile.Read(ref _letGo), 10))
            return false;
        Interlocked.Increment(ref _letGo);
        return true;
    }

    /// <inheritdoc cref="BreakerEngine.Suspect"/>
    public void Suspect(string endpoint, Guid messageId) => _engine.Suspect($"; it is one message alone: {messageId} of endpoint '{endpoint}'");

    /// <summary>Counts a refused call or request, and returns the exception for it.</summary>
    public BreakerOpenException Refusal()
    {
        Interlocked.Increment(ref _refused);
        var snapshot = _engine.Read(Now);
        return new BreakerOpenException(
            Name, snapshot.State, snapshot.Reason, snapshot.Until is { } until ? _engine.Settings.Duration(Math.Max(0, until - Now)) : null);
    }

    public BreakerSnapshot GetSnapshot()
    {
        var now = Now;
        var (snapshot, totals) = (_engine.Read(now), Totals);
        return new BreakerSnapshot
        {
            Name = Name,
            State = snapshot.State,
            Mode = snapshot.Mode,
            Reason = snapshot.Reason,
            Since = _clock.ToUtc(snapshot.Since, now),
            NextProbeAt = snapshot.Until is { } until ? _clock.ToUtc(until, now) : null,
            Window = snapshot.Evidence,
            Generation = snapshot.Generation,
            RampLimit = Ramp?.Limit,
            Calls = totals.Total,
            FailedCalls = totals.Failures,
        };
    }

    public void Trip(string reason, TimeSpan? minimumBreak = null) =>
        _engine.Trip(Reason(reason), _engine.Settings.Units(minimumBreak ?? TimeSpan.Zero), Now);

    public void Isolate(string reason, TimeSpan? expiry = null)
    {
        if (expiry <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(expiry), expiry, $"The expiry of an isolation of breaker '{Name}' must be positive.");
        if (!_engine.Isolate(Reason(reason), expiry is { } length ? _engine.Settings.Units(length) : null, Now))
            throw new InvalidOperationException($"Breaker '{Name}' is disabled and lets everything through; call Enforce before Isolate.");
    }

    /// <inheritdoc cref="BreakerEngine.EndBreak"/>
    public void EndBreak(long generation) => _engine.EndBreak(generation, Now);

    public void Release(string reason) => _engine.Release(Reason(reason), Now);

    public void Reset(string reason) => _engine.Reset(Reason(reason), Now);

    public void Disable(string reason) => _engine.SetMode(BreakerMode.Disabled, Reason(reason), Now);

    public void Shadow(string reason) => _engine.SetMode(BreakerMode.Shadow, Reason(reason), Now);

    public void Enforce(string reason) => _engine.SetMode(BreakerMode.Enforcing, Reason(reason), Now);

    /// <summary>Trips because so many of its keys are open.</summary>
    public void TripByKeys(string reason)
    {
        if (State == BreakerState.Closed)
            _engine.Trip(TryAcquire(), TransitionCause.KeysOpen, reason, Now);
    }

    /// <summary>Gives a key's breaker the mode of the breaker of the whole.</summary>
    public void FollowMode(BreakerMode mode)
    {
        if (Mode != mode)
            _engine.SetMode(mode, "the breaker of the whole has changed its mode", Now);
    }

    /// <summary>Something that the breaker depends on has changed: those that wait for it look again.</summary>
    public void Reconsider() => _changed.Raise();

    /// <summary>Takes new options and keeps the state. The mode changes only if that option did.</summary>
    public void Reconfigure(BreakerOptions options)
    {
        var before = Interlocked.Exchange(ref _options, options);
        var settings = options.ToSettings(_clock.Second);
        // A reload also reaches breakers whose options have not changed.
        if (settings != _engine.Settings)
            _ramp.Forget();
        _engine.Reconfigure(settings);
        if (options.Mode != before.Mode)
            _engine.SetMode(options.Mode, "the configuration changed", Now, TransitionCause.ConfigurationChanged);
        SetAlarm();
        SetSlowCallWatch();
        Partition?.Reconfigure();
    }

    public ValueTask<T> ExecuteAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken = default) =>
        GuardedCall.ExecuteAsync(this, call, cancellationToken);

    public async ValueTask ExecuteAsync(Func<CancellationToken, ValueTask> call, CancellationToken cancellationToken = default) =>
        await GuardedCall.ExecuteAsync(
            this,
            async token =>
            {
                await call(token).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc cref="BreakerEngine.SetGrace"/>
    public void SetGrace(TimeSpan grace)
    {
        _engine.SetGrace(_engine.Settings.Units(grace), Now);
        SetAlarm();
    }

    /// <inheritdoc cref="BreakerEngine.Adopt"/>
    public bool Adopt(in FleetDecision adoption)
    {
        var isAdopted = _engine.Adopt(adoption, Now);
        SetAlarm();
        return isAdopted;
    }

    /// <summary>Whether probes are running or have ended since HalfOpen began.</summary>
    public bool HasProbes => _engine is { State: BreakerState.HalfOpen } engine && (engine.Deadline is not null || engine.Read(Now).Evidence.Total > 0);

    public void Dispose()
    {
        _alarm.Dispose();
        _slowCallWatch.Dispose();
        Partition?.Dispose();
    }

    void Advance()
    {
        _engine.Advance(Now);
        SetAlarm();
        _changed.Raise();
    }

    void WatchSlowCalls()
    {
        _messages.CountOverdue(this);
        SetSlowCallWatch();
    }

    /// <summary>Looks for slow calls at intervals. That costs a message nothing, unlike a timer for each.</summary>
    void SetSlowCallWatch() => _slowCallWatch.Set(Options.SlowCallDuration / LooksAtSlowCalls);

    /// <summary>Reads and sets under a lock, so that no caller overwrites a newer deadline with an older one.</summary>
    void SetAlarm()
    {
        lock (_alarm)
            _alarm.Set(_engine.Deadline is { } deadline ? _engine.Settings.Duration(Math.Max(0, deadline - Now)) : null);
    }

    void OnChange(StateChange change)
    {
        var now = Now;
        // First of all: what follows takes time, and releases messages.
        var at = _clock.ToUtc(change.At, now);
        SetAlarm();
        if (change.To == BreakerState.Closed)
        {
            _recentFailures.Clear();
            Volatile.Write(ref _letGo, 0);
        }

        if (Options.Ramp && change is { Cause: TransitionCause.ProbesSucceeded, Mode: BreakerMode.Enforcing })
            _ramp.Begin(_engine.Settings, Instances, now);
        else
            _ramp.End();
        _changed.Raise();
        var transition = new Transition
        {
            Breaker = Name,
            From = change.From,
            To = change.To,
            Cause = change.Cause,
            Reason = change.Reason,
            At = at,
            Generation = change.Generation,
            Window = change.Window,
            BreakDuration = change.Break is { } length ? _engine.Settings.Duration(length) : null,
            Mode = change.Mode,
            Instance = change.Origin.Instance,
            IsFleets = change.Origin.IsFleet,
        };
        Partition?.FollowWhole(transition);
        _onTransition(transition);
    }

    /// <summary>Makes one line of any reason, because it goes to logs, pages, metrics and the fleet.</summary>
    string Reason(string reason) => OneLine.Reason(reason, $"breaker '{Name}'");

    string? DescribeFailures() => _recentFailures.MostFrequent is { } text ? $", mostly {text}" : null;
}
