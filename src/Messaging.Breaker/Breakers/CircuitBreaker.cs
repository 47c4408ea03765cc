using Messaging.Breaker.Attribution;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Breakers;

/// <summary>A breaker at run time: the engine with a clock, an alarm for its deadlines, and those who wait for its changes.</summary>
sealed class CircuitBreaker : IBreaker, IDisposable
{
    readonly TimeProvider _time;
    readonly BreakerEngine _engine;
    readonly BreakerAlarm _alarm;
    readonly Action<Transition> _onTransition;
    readonly Signal _changed = new();
    readonly WitnessDesk _witnesses = new();
    BreakerOptions _options;
    volatile Ramp? _ramp;
    long _ignored;

    public CircuitBreaker(string name, BreakerOptions options, TimeProvider time, Random random, Action<Transition> onTransition)
    {
        Name = name;
        _options = options;
        _time = time;
        _onTransition = onTransition;
        _alarm = new BreakerAlarm(time, () => Advance());
        _engine = new BreakerEngine(
            new BreakerSettings(options, time.TimestampFrequency), options.Mode, time.GetTimestamp(), random, OnChange);
    }

    public string Name { get; }

    public BreakerState State => _engine.State;

    public BreakerMode Mode => _engine.Mode;

    /// <summary>The options in force; replaced as a whole by a reload, never changed.</summary>
    public BreakerOptions Options => Volatile.Read(ref _options);

    /// <summary>Completes with the next transition, or when a probe's permit is given back: time to ask again.</summary>
    public Task Changed => _changed.Next;

    /// <summary>Calls have been attributed to this breaker, so a message that made none says nothing about the dependency.</summary>
    public bool IsAttributed { get; set; }

    /// <summary>Whether messages are kept from the dependency now.</summary>
    public bool IsRefusing => Mode == BreakerMode.Enforcing && State is BreakerState.Open or BreakerState.Isolated;

    /// <summary>Requests that it does not admit now are to be answered at once.</summary>
    public bool IsFailingFast => Options.FailFastRequests && Mode == BreakerMode.Enforcing && State != BreakerState.Closed;

    /// <summary>How many messages at once an endpoint may take while this breaker probes; null when it sets no limit.</summary>
    public int? ProbeLimit => Mode == BreakerMode.Enforcing && State == BreakerState.HalfOpen ? _engine.Settings.ProbeConcurrency : null;

    /// <summary>What keeps messages from rushing to a dependency that has just come back; null when it does not.</summary>
    public Ramp? Ramp
    {
        get
        {
            if (_ramp is { IsOver: true })
                _ramp = null;
            return _ramp;
        }
    }

    /// <summary>How many instances of the fleet live: each begins a ramp with its share.</summary>
    public int Instances { get; set; } = 1;

    public long Generation => _engine.Generation;

    public long Now => _time.GetTimestamp();

    public Permit TryAcquire()
    {
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

    /// <summary>Completes when a call that begins after <paramref name="failedAt"/> has succeeded. To be dismissed if it is not waited for.</summary>
    public Witness AwaitWitness(long failedAt, int wanted) => _witnesses.Await(failedAt, wanted);

    public void DismissWitness(Witness witness) => _witnesses.Dismiss(witness);

    /// <summary>A success that is not counted, but shows the dependency to work.</summary>
    public void Testify(in Permit permit, long startedAt)
    {
        if (IsCurrent(permit))
            _witnesses.Testify(startedAt);
    }

    public bool IsCurrent(in Permit permit) => _engine.IsCurrent(permit);

    /// <summary>Counts an outcome of a call that began at <paramref name="startedAt"/>.</summary>
    public void Record(in Permit permit, Outcome outcome, long startedAt, long elapsed, long now)
    {
        _engine.Record(permit, outcome, elapsed, now);
        if (outcome == Outcome.Success)
            Testify(permit, startedAt);
        else if (outcome == Outcome.Ignored)
            Interlocked.Increment(ref _ignored);
        if (permit.IsProbe)
            _changed.Raise();
    }

    /// <inheritdoc cref="Record(in Permit, Outcome, long, long, long)"/>
    public void Record(in Permit permit, Finding finding, long startedAt, long elapsed, long now)
    {
        if (finding.Demand is { } demand)
            _engine.RecordFatal(permit, demand.Why, _engine.Settings.Units(demand.MinimumBreak ?? TimeSpan.Zero), now);
        else
            Record(permit, finding.Outcome, startedAt, elapsed, now);
    }

    public void GiveBack(in Permit permit)
    {
        if (!permit.IsProbe)
            return;
        _engine.GiveBack(permit, Now);
        _changed.Raise();
    }

    /// <summary>
    /// After a failure: waits until a witness shows the dependency to work, until the breaker leaves the state of the permit,
    /// or for as long as is worth waiting.
    /// </summary>
    public async Task<Evidence> WaitForEvidenceAsync(Permit permit, Witness witness, TimeSpan delay, CancellationToken stopping)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var silence = Task.Delay(delay, _time, patience.Token);
        try
        {
            while (true)
            {
                var changed = Changed;
                if (!IsCurrent(permit))
                    return Evidence.StateChanged;
                if (silence.IsCompleted && stopping.IsCancellationRequested)
                    return Evidence.StateChanged;
                if (witness.Enough.IsCompleted || (silence.IsCompleted && witness.HasCome))
                    return Evidence.DependencyWorks;
                if (silence.IsCompleted)
                    return Evidence.None;
                await Task.WhenAny(witness.Enough, changed, silence).ConfigureAwait(false);
            }
        }
        finally
        {
            await patience.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc cref="BreakerEngine.Suspect"/>
    public void Suspect(string endpoint, Guid? messageId) => _engine.Suspect($"; it is one message alone: {messageId} of endpoint '{endpoint}'");

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
        _engine.Trip(reason, _engine.Settings.Units(minimumBreak ?? TimeSpan.Zero), Now);

    public void Isolate(string reason, TimeSpan? expiry = null)
    {
        if (expiry <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(expiry), expiry, $"The expiry of an isolation of breaker '{Name}' must be positive.");
        if (!_engine.Isolate(reason, expiry is { } length ? _engine.Settings.Units(length) : null, Now))
            throw new InvalidOperationException($"Breaker '{Name}' is disabled and lets everything through; call Enforce before Isolate.");
    }

    public void Release(string reason) => _engine.Release(reason, Now);

    public void Reset(string reason) => _engine.Reset(reason, Now);

    public void Disable(string reason) => _engine.SetMode(BreakerMode.Disabled, reason, Now);

    public void Shadow(string reason) => _engine.SetMode(BreakerMode.Shadow, reason, Now);

    public void Enforce(string reason) => _engine.SetMode(BreakerMode.Enforcing, reason, Now);

    /// <summary>Takes new options without losing the state; the mode changes only if the option did.</summary>
    public void Reconfigure(BreakerOptions options)
    {
        var before = Interlocked.Exchange(ref _options, options);
        _engine.Reconfigure(new BreakerSettings(options, _time.TimestampFrequency));
        if (options.Mode != before.Mode)
            _engine.SetMode(options.Mode, "the configuration changed", Now, TransitionCause.ConfigurationChanged);
        SetAlarm();
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

    public void Dispose() => _alarm.Dispose();

    void Advance()
    {
        _engine.Advance(Now);
        SetAlarm();
        _changed.Raise();
    }

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
        var old = _ramp;
        var isBack = change is { Cause: TransitionCause.ProbesSucceeded, Mode: BreakerMode.Enforcing };
        _ramp = isBack && Options.Ramp
            ? new Ramp(Math.Max(1, _engine.Settings.Probes / Instances), _time.TimestampFrequency, _engine.Settings.Sampling, now)
            : null;
        old?.End();
        _changed.Raise();
        _onTransition(new Transition(
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
        });
    }

    DateTimeOffset ToUtc(long timestamp, long now)
    {
        var distance = _engine.Settings.Duration(Math.Abs(timestamp - now));
        return timestamp >= now ? _time.GetUtcNow() + distance : _time.GetUtcNow() - distance;
    }
}
