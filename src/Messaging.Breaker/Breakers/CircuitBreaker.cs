using System.Collections.Immutable;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Engine;
using Messaging.Breaker.Partitions;

namespace Messaging.Breaker.Breakers;

/// <summary>A breaker at run time: the engine with a clock, an alarm for its deadlines, and those who wait for its changes.</summary>
sealed class CircuitBreaker : IBreaker, IDisposable
{
    const int MostRoundsAlone = 10;
    const double LooksAtSlowCalls = 4;

    readonly TimeProvider _time;
    readonly BreakerEngine _engine;
    readonly BreakerAlarm _alarm;
    readonly BreakerAlarm _slowCallWatch;
    readonly Action<Transition> _onTransition;
    readonly Signal _changed = new();
    readonly LaterSuccesses _laterSuccesses = new();
    readonly RecentFailures _recentFailures = new();
    BreakerOptions _options;
    volatile Ramp? _ramp;
    volatile RampMemory _rampMemory;
    ImmutableArray<InFlightMessages> _inFlight = [];
    long _ignored;
    long _lastFailedAt;
    int _letGo;
    bool _isAttributed;

    public CircuitBreaker(string name, BreakerOptions options, TimeProvider time, Random random, Action<Transition> onTransition)
    {
        Name = name;
        _options = options;
        _time = time;
        _onTransition = onTransition;
        _rampMemory = new RampMemory(time.TimestampFrequency);
        _alarm = new BreakerAlarm(time, () => Advance());
        _slowCallWatch = new BreakerAlarm(time, WatchSlowCalls);
        _engine = new BreakerEngine(
            new BreakerSettings(options, time.TimestampFrequency), options.Mode, time.GetTimestamp(), random, OnChange, DescribeFailures);
        SetSlowCallWatch();
    }

    public string Name { get; }

    /// <summary>It is the affair of this instance, and not shared with the fleet: another may be of a version that works.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The keys into which it is split; null if it is not.</summary>
    public Partition? Partition { get; set; }

    /// <summary>The key whose breaker it is; null if it is no key's. It acts only while the breaker of the whole is closed, which speaks for it otherwise.</summary>
    public BreakerKey? Key { get; init; }

    /// <summary>When it last counted a failure.</summary>
    public long LastFailedAt => Interlocked.Read(ref _lastFailedAt);

    IBreakerKeys? IBreaker.Keys => Partition;

    public BreakerState State => _engine.State;

    public BreakerMode Mode => _engine.Mode;

    /// <summary>The options in force; replaced as a whole by a reload, never changed.</summary>
    public BreakerOptions Options => Volatile.Read(ref _options);

    /// <summary>Completes with the next transition, or when a probe's permit is given back: time to ask again.</summary>
    public Task Changed => _changed.Next;

    /// <summary>Calls have been attributed to this breaker, so a message that made none says nothing about the dependency.</summary>
    public bool IsAttributed
    {
        get => Key?.Partition.Whole.IsAttributed ?? _isAttributed;
        set => _isAttributed = value;
    }

    /// <summary>Whether messages are kept from the dependency now.</summary>
    public bool IsRefusing => Mode == BreakerMode.Enforcing && State is BreakerState.Open or BreakerState.Isolated;

    /// <summary>Whether it admits as many messages as come: it is closed, or none of its states keeps any back.</summary>
    public bool AdmitsAll => Mode != BreakerMode.Enforcing || State == BreakerState.Closed;

    /// <summary>It is open for as long as a break lasts, and keeps messages back.</summary>
    public bool IsBreaking => Mode == BreakerMode.Enforcing && State == BreakerState.Open;

    /// <summary>Whether this instance may ask the dependency whether it is back; in a fleet one does for all.</summary>
    public Func<bool> MayAsk { get; set; } = () => true;

    /// <summary>Requests that it does not admit now are to be answered at once.</summary>
    public bool IsFailingFast => Options.FailFastRequests && Mode == BreakerMode.Enforcing && State != BreakerState.Closed;

    /// <summary>How many messages at once an endpoint may take while this breaker probes; null when it sets no limit.</summary>
    public int? ProbeLimit => Mode == BreakerMode.Enforcing && State == BreakerState.HalfOpen ? _engine.Settings.ProbeConcurrency : null;

    /// <summary>How many more probes may begin now; 0 if it is not half-open.</summary>
    public int FreeProbes => _engine.FreeProbes;

    /// <summary>What keeps messages from rushing to a dependency that has just come back; null when it does not.</summary>
    public Ramp? Ramp
    {
        get
        {
            if (_ramp is { IsOver: true })
                _ramp = null;
            return _ramp ?? Key?.Partition.Whole.Ramp;
        }
    }

    /// <summary>How many instances of the fleet live: each begins a ramp with its share.</summary>
    public int Instances { get; set; } = 1;

    public long Generation => _engine.Generation;

    public long Now => _time.GetTimestamp();

    /// <summary>Nine of ten of the latest calls have succeeded, and there were enough to tell.</summary>
    public bool WasHealthy =>
        _engine.Read(Now).Evidence is var window && window.Total >= _engine.Settings.MinimumThroughput && window.Failures * 10 <= window.Total;

    public TimeSpan GetElapsedSince(long timestamp) => _time.GetElapsedTime(timestamp);

    /// <summary>The breaker of the whole is not closed, and speaks for this one.</summary>
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

    /// <summary>Everything that was counted.</summary>
    public Tally Tally => _engine.Tally;

    /// <summary>The same by kind, but for those that were ignored.</summary>
    public OutcomeCounts Counts => _engine.Counts;

    /// <summary>Outcomes that said nothing about the dependency.</summary>
    public long Ignored => Interlocked.Read(ref _ignored);

    /// <summary>Watches for successes on behalf of a message that failed. To be dismissed if they are not waited for.</summary>
    public void Await(LaterSuccess success) => _laterSuccesses.Await(success);

    public void Dismiss(LaterSuccess success) => _laterSuccesses.Dismiss(success);

    /// <summary>A success that is not counted, but shows the dependency to work.</summary>
    public void NoteSuccess(in Permit permit, long startedAt)
    {
        if (IsCurrent(permit))
            _laterSuccesses.Note(startedAt, hasCalled: true);
    }

    /// <summary>A message was handled without a call to the dependency, which tells only about those that failed before theirs.</summary>
    public void NoteHandled(in Permit permit, long startedAt)
    {
        if (IsCurrent(permit))
            _laterSuccesses.Note(startedAt, hasCalled: false);
    }

    /// <summary>From here on the messages of one more endpoint use the dependency.</summary>
    public void Guard(InFlightMessages messages) => ImmutableInterlocked.Update(ref _inFlight, all => all.Contains(messages) ? all : all.Add(messages));

    /// <summary>An endpoint was removed.</summary>
    public void Forget(InFlightMessages messages) => ImmutableInterlocked.Update(ref _inFlight, all => all.Remove(messages));

    /// <summary>Whether another message runs, on whatever endpoint, that may use the dependency.</summary>
    public bool AreOthersRunning(InFlightMessage message) => Key is { } key
        ? key.Partition.Whole._inFlight.Any(endpoint => endpoint.AreOthersRunning(message, key))
        : _inFlight.Any(endpoint => endpoint.AreOthersRunning(message));

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
    public void Record(in Permit permit, Finding finding, Exception? exception, long startedAt, long elapsed, long now, bool wasOverdue = false)
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

    /// <summary>Counts a call that is still under way, and has taken too long already.</summary>
    public void RecordOverdue(in Permit permit, long now)
    {
        _engine.RecordOverdue(permit, now);
        if (permit.IsProbe)
            _changed.Raise();
    }

    /// <summary>One message has failed so often, and nobody else got through: that is an outage, however few the calls.</summary>
    public void TripAlone(in Permit permit) => _engine.Trip(
        permit, TransitionCause.ConsecutiveFailures, $"alone: {FailureHistory.MostAlone} failures of one message, and nobody else called", Now);

    public void GiveBack(in Permit permit)
    {
        if (!permit.IsProbe)
            return;
        _engine.GiveBack(permit, Now);
        _changed.Raise();
    }

    /// <summary>
    /// After a failure: waits until others show the dependency to work, until the breaker leaves the state of the permit,
    /// or for as long as is worth waiting.
    /// </summary>
    public async Task<WaitResult> WaitForOthersAsync(Permit permit, LaterSuccess success, TimeSpan delay, CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var silence = Task.Delay(delay, _time, patience.Token);
        try
        {
            while (true)
            {
                var changed = Changed;
                if (!IsCurrent(permit))
                    return WaitResult.StateChanged;
                if (silence.IsCompleted && stopping.IsCancellationRequested)
                    return WaitResult.StateChanged;
                if (success.Enough.IsCompleted || (silence.IsCompleted && success.HasCome))
                    return WaitResult.OthersSucceed;
                if (silence.IsCompleted)
                    return WaitResult.Silence;
                await Task.WhenAny(success.Enough, changed, silence).ConfigureAwait(false);
            }
        }
        finally
        {
            await patience.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Whether a message that fails round after round goes its ordinary way, although nothing shows the dependency to work. Where others cannot
    /// be let pass, one at the head of its queue would otherwise block it for ever; if it was not at fault, the next one will fail as well, and
    /// is held twice as long. In the queue of a key others are asked beside it as soon as there are any, so it blocks nobody there.
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

    public BreakerOpenException Refusal()
    {
        var snapshot = _engine.Read(Now);
        return new BreakerOpenException(
            Name, snapshot.State, snapshot.Reason, snapshot.Until is { } until ? _engine.Settings.Duration(Math.Max(0, until - Now)) : null);
    }

    public BreakerSnapshot GetSnapshot()
    {
        var now = Now;
        var (snapshot, tally) = (_engine.Read(now), Tally);
        return new BreakerSnapshot(
            Name,
            snapshot.State,
            snapshot.Mode,
            snapshot.Reason,
            ToUtc(snapshot.Since, now),
            snapshot.Until is { } until ? ToUtc(until, now) : null,
            snapshot.Evidence,
            snapshot.Generation,
            Ramp?.Limit,
            tally.Total,
            tally.Failures);
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

    /// <summary>So many of its keys are open that the whole is.</summary>
    public void TripByKeys(string reason)
    {
        if (State == BreakerState.Closed)
            _engine.Trip(TryAcquire(), TransitionCause.KeysOpen, reason, Now);
    }

    /// <summary>A key's breaker has the mode of the whole.</summary>
    public void FollowMode(BreakerMode mode)
    {
        if (Mode != mode)
            _engine.SetMode(mode, "the breaker of the whole has changed its mode", Now);
    }

    /// <summary>Takes over what another instance says of its key. An end that has passed already means that probing begins.</summary>
    public void AdoptForKey(BreakerState state, string reason, DateTimeOffset? until, string instance)
    {
        var cause = state switch
        {
            BreakerState.Closed => TransitionCause.ProbesSucceeded,
            BreakerState.Isolated => TransitionCause.Operator,
            _ => TransitionCause.ConsecutiveFailures,
        };
        var left = until - _time.GetUtcNow() ?? (state == BreakerState.Open ? Options.BreakDuration : null as TimeSpan?);
        long? end = left is { } length ? Now + Math.Max(0, _engine.Settings.Units(length)) : null;
        while (!Adopt(new Adoption(Generation, state, Mode, cause, reason, end, new Origin(true, instance))))
        {
            // It has changed meanwhile.
        }
    }

    /// <summary>What it depends on has changed: whoever waits for it looks again.</summary>
    public void Reconsider() => _changed.Raise();

    /// <summary>Takes new options without losing the state; the mode changes only if the option did.</summary>
    public void Reconfigure(BreakerOptions options)
    {
        var before = Interlocked.Exchange(ref _options, options);
        var settings = new BreakerSettings(options, _time.TimestampFrequency);
        // A reload reaches every breaker, also those of which nothing has changed.
        if (settings != _engine.Settings)
            _rampMemory = new RampMemory(_time.TimestampFrequency);
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
    public bool Adopt(in Adoption adoption)
    {
        var isAdopted = _engine.Adopt(adoption, Now);
        SetAlarm();
        return isAdopted;
    }

    /// <summary>Whether probes are under way or have ended since HalfOpen began.</summary>
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
        var now = Now;
        foreach (var endpoint in _inFlight)
            foreach (var message in endpoint.All)
                message.CountIfOverdue(this, now);
        SetSlowCallWatch();
    }

    /// <summary>A look now and then costs the messages nothing, as a timer for each would.</summary>
    void SetSlowCallWatch() => _slowCallWatch.Set(Options.SlowCallDuration / LooksAtSlowCalls);

    /// <summary>One at a time: whoever comes last must not set the deadline that he read first.</summary>
    void SetAlarm()
    {
        lock (_alarm)
            _alarm.Set(_engine.Deadline is { } deadline ? _engine.Settings.Duration(Math.Max(0, deadline - Now)) : null);
    }

    void OnChange(StateChange change)
    {
        var now = Now;
        // At once: what follows takes its time, and lets messages go.
        var at = ToUtc(change.At, now);
        SetAlarm();
        if (change.To == BreakerState.Closed)
        {
            _recentFailures.Clear();
            Volatile.Write(ref _letGo, 0);
        }

        var old = _ramp;
        var isBack = change is { Cause: TransitionCause.ProbesSucceeded, Mode: BreakerMode.Enforcing };
        _ramp = isBack && Options.Ramp ? NewRamp(now) : null;
        old?.End();
        _changed.Raise();
        var transition = new Transition(
            Name,
            change.From,
            change.To,
            change.Cause,
            change.Reason,
            at,
            change.Generation,
            change.Window,
            change.Break is { } length ? _engine.Settings.Duration(length) : null,
            change.Mode,
            change.Origin.Instance)
        {
            IsFleets = change.Origin.IsFleet,
        };
        Partition?.FollowWhole(transition);
        _onTransition(transition);
    }

    Ramp NewRamp(long now)
    {
        var instances = Instances;
        var start = Math.Max(1, _engine.Settings.Probes / instances);
        return new Ramp(new RampLimit(start, _rampMemory, instances, _time.TimestampFrequency, now), _engine.Settings.Sampling, now);
    }

    /// <summary>One line, whatever was given: it goes to logs, pages, metrics and the fleet.</summary>
    string Reason(string reason) => OneLine.Reason(reason, $"breaker '{Name}'");

    string? DescribeFailures() => _recentFailures.MostFrequent is { } text ? $", mostly {text}" : null;

    DateTimeOffset ToUtc(long timestamp, long now)
    {
        var distance = _engine.Settings.Duration(Math.Abs(timestamp - now));
        var utcNow = _time.GetUtcNow();
        if (timestamp < now)
            return utcNow - distance;
        // Somebody may have asked for a break beyond the end of the calendar.
        return distance < DateTimeOffset.MaxValue - utcNow ? utcNow + distance : DateTimeOffset.MaxValue;
    }
}
