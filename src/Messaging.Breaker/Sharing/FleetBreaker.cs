using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Sharing;

/// <summary>
/// One breaker's part in the fleet: tells the store what was decided here, takes over what was decided elsewhere, and probes only while it
/// holds the fleet's lease. Everything but <see cref="Note"/> is called by the member's loop, one at a time.
/// </summary>
sealed class FleetBreaker(CircuitBreaker breaker, Fleet fleet, TimeProvider time)
{
    static readonly TimeSpan MostSpread = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan HeadStart = TimeSpan.FromSeconds(1);

    volatile SharedBreakerState? _known;
    volatile Decision? _untold;
    volatile bool _isMisled;
    long _knownAt;
    long _probingSince;
    bool _isProbing;
    bool _isAlone;

    public string Name { get; } = SharedName(breaker.Name);

    /// <summary>When <see cref="ActAsync"/> has something to do, as a timestamp; null for never.</summary>
    public long? DueAt { get; private set; }

    /// <summary>It has tripped, and too few other instances agree.</summary>
    public bool IsAlone
    {
        get => _isAlone;
        private set
        {
            _isAlone = value;
            SetGrace();
        }
    }

    long Version => _known?.Version ?? 0;

    BreakerMode FleetsMode => _known?.Mode ?? breaker.Options.Mode;

    TimeSpan Elapsed(long since) => time.GetElapsedTime(since);

    /// <summary>Instances may spell a name in different cases.</summary>
    public static string SharedName(string breaker) => breaker.ToLowerInvariant();

    /// <summary>Hears a transition, on the thread that caused it.</summary>
    public void Note(Transition transition)
    {
        if (transition.IsFleets)
            return;
        if (transition.Cause == TransitionCause.ConfigurationChanged)
            _isMisled = true;
        var isOperators = Decision.IsByOperator(transition.Cause) || (_untold is { IsOperators: true } && transition.Mode != FleetsMode);
        if (isOperators || (transition.Mode == BreakerMode.Enforcing && transition.Cause != TransitionCause.ConfigurationChanged))
            _untold = new Decision(transition, breaker.Now, Version, isOperators);
    }

    /// <summary>While the fleet can be asked, the end of a break waits a little for its permission to probe.</summary>
    public void SetGrace() => breaker.SetGrace(fleet.IsReachable && !_isAlone ? fleet.Grace : TimeSpan.Zero);

    public void CountInstances() => breaker.Instances = fleet.Census.Instances;

    /// <summary>Takes in what the store told, or what was read from it: then also that it knows nothing, or less than before.</summary>
    public async Task HearAsync(SharedBreakerState? state, bool isRead, CancellationToken cancellationToken)
    {
        var before = _known;
        if (!isRead && state!.Version <= Version)
            return;
        Know(state);
        if (Version < before?.Version)
            await RemindAsync(before, cancellationToken).ConfigureAwait(false);
        else if (_untold is null && Version > (before?.Version ?? 0))
            Apply();
        else
            Schedule();
        await TellAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells what was decided here, or gives it up for what the fleet decided.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        if (_isMisled)
        {
            _isMisled = false;
            Apply();
        }

        while (_untold is { } decision)
        {
            if (decision.IsToldBy(_known, fleet.Instance))
            {
                Settle(decision);
                Schedule();
            }
            else if (!decision.Prevails(_known, fleet.Instance))
            {
                Settle(decision);
                Apply();
            }
            else if (!decision.IsOperators && decision.Transition.Generation != breaker.Generation)
                Settle(decision);
            else if (!fleet.IsReachable)
                return;
            else if (IsOwnAffair(decision))
            {
                Settle(decision);
                IsAlone = decision.Transition.To != BreakerState.Closed;
            }
            else
                await TellAsync(decision, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Once enough others agree, what this instance found holds for all.</summary>
    public async Task AgreeAsync(CancellationToken cancellationToken)
    {
        var generation = breaker.Generation;
        var snapshot = breaker.GetSnapshot();
        if (!IsAlone || snapshot.State != BreakerState.Open || snapshot.Generation != generation || !fleet.Agrees(Name))
            return;
        IsAlone = false;
        var length = snapshot.NextProbeAt - time.GetUtcNow();
        if (await ChangeAsync(Next(BreakerState.Open, TransitionCause.FailureRatio, snapshot.Reason, length), cancellationToken).ConfigureAwait(false))
            Schedule();
        else
            Apply();
    }

    /// <summary>Takes the fleet's lease at the end of a break, or when the instance that held it fell silent, and prolongs it.</summary>
    public async Task ActAsync(CancellationToken cancellationToken)
    {
        DueAt = null;
        if (_isProbing)
            await GoOnProbingAsync(cancellationToken).ConfigureAwait(false);
        else if (_known is { State: not BreakerState.Closed } known && breaker.Mode == BreakerMode.Enforcing)
            await TryProbeAsync(known, cancellationToken).ConfigureAwait(false);
    }

    async Task TellAsync(Decision decision, CancellationToken cancellationToken)
    {
        var transition = decision.Transition;
        var mode = transition.Mode == FleetsMode ? _known?.Mode : transition.Mode == breaker.Options.Mode ? null : transition.Mode;
        var next = Next(transition.To, transition.Cause, transition.Reason, transition.BreakDuration - Elapsed(decision.At)) with { Mode = mode };
        if (!await ChangeAsync(next, cancellationToken).ConfigureAwait(false))
            return;
        Settle(decision);
        if (breaker.Generation == transition.Generation)
            Schedule();
        else if (_untold is null)
            Apply();
    }

    /// <summary>The store has lost its memory, or some of it: it is told again what the fleet knew.</summary>
    async Task RemindAsync(SharedBreakerState before, CancellationToken cancellationToken)
    {
        if (before is { State: BreakerState.Closed, Mode: null })
            return;
        var next = before with { Version = Version + 1, Length = before.Length - before.Age };
        if (!await ChangeAsync(next, cancellationToken).ConfigureAwait(false))
            Apply();
        else
            Schedule();
    }

    async Task TryProbeAsync(SharedBreakerState known, CancellationToken cancellationToken)
    {
        var isHalfOpen = known.State == BreakerState.HalfOpen;
        if (isHalfOpen && !await fleet.TryLeaseProbeAsync(Name, Version, cancellationToken).ConfigureAwait(false))
            Apply();
        else if (isHalfOpen && known.Instance == fleet.Instance)
            Probe();
        else
        {
            var cause = known.State == BreakerState.Isolated ? TransitionCause.IsolationExpired : TransitionCause.BreakElapsed;
            var reason = isHalfOpen ? $"{known.Instance} no longer probes" : "the break has passed";
            var isMine = await ChangeAsync(Next(BreakerState.HalfOpen, cause, reason, null), cancellationToken).ConfigureAwait(false);
            if (isMine && await fleet.TryLeaseProbeAsync(Name, Version, cancellationToken).ConfigureAwait(false))
                Probe();
            else
                Apply();
        }
    }

    async Task GoOnProbingAsync(CancellationToken cancellationToken)
    {
        if (breaker.State != BreakerState.HalfOpen)
            _isProbing = false;
        else if (fleet.Census.Instances > 1 && !breaker.HasProbes && Elapsed(_probingSince) > 2 * fleet.Options.ProbeLease)
        {
            // Its endpoint may be held, or another breaker pause it: then the whole fleet would wait for a probe that never comes.
            _isProbing = false;
            Adopt(BreakerState.Open, TransitionCause.BreakElapsed, "no message came to probe with; another instance may try", After(fleet.Options.ProbeLease));
            DueAt = After(2 * fleet.Options.ProbeLease + Fleet.Spread(MostSpread));
        }
        else if (await fleet.TryLeaseProbeAsync(Name, Version, cancellationToken).ConfigureAwait(false))
            DueAt = After(fleet.Options.ProbeLease / 3);
        else
        {
            _isProbing = false;
            var read = await fleet.ReadAsync([Name], cancellationToken).ConfigureAwait(false);
            Know(read.Count > 0 ? read[0] : null);
            Apply();
        }
    }

    void Probe()
    {
        (_isProbing, _probingSince) = (true, breaker.Now);
        if (breaker.State != BreakerState.HalfOpen)
            Adopt(BreakerState.HalfOpen, _known!.Cause, _known.Reason, null);
        DueAt = After(fleet.Options.ProbeLease / 3);
    }

    /// <summary>Brings the breaker to where the fleet is.</summary>
    void Apply()
    {
        if (_known is not { } known)
            return;
        IsAlone = false;
        var isOurs = known.Instance == fleet.Instance;
        if (known.State != BreakerState.HalfOpen)
            Adopt(known.State, known.Cause, isOurs ? known.Reason : $"{known.Instance}: {known.Reason}", EndOf(known));
        else if (!isOurs || breaker.State != BreakerState.HalfOpen)
            Adopt(BreakerState.Open, known.Cause, $"{known.Instance} probes for the fleet", After(fleet.Options.ProbeLease));
        Schedule();
    }

    void Schedule() => DueAt = _known switch
    {
        { State: BreakerState.HalfOpen } known when known.Instance == fleet.Instance => _isProbing ? After(fleet.Options.ProbeLease / 3) : breaker.Now,
        { State: BreakerState.HalfOpen } => After(fleet.Options.ProbeLease + Fleet.Spread(MostSpread)),
        { State: BreakerState.Open or BreakerState.Isolated, Length: { } length } known => EndOf(known) + Units(Delay(known, length)),
        _ => null,
    };

    /// <summary>So that not all reach for the lease at once, and that not the same instance judges the dependency again and again.</summary>
    TimeSpan Delay(SharedBreakerState known, TimeSpan length)
    {
        var hasJustProbed = known.Cause == TransitionCause.ProbesFailed && known.Instance == fleet.Instance && fleet.Census.Instances > 1;
        return Fleet.Spread(Least(MostSpread, length / 10)) + (hasJustProbed ? Least(HeadStart, length) : TimeSpan.Zero);
    }

    /// <summary>A trip of which the fleet is told only when enough agree, and what follows from it.</summary>
    bool IsOwnAffair(Decision decision) =>
        fleet.Options.TripQuorum > 0 && !decision.IsOperators && _known is null or { State: BreakerState.Closed };

    async Task<bool> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken)
    {
        var held = await fleet.ChangeAsync(next, cancellationToken).ConfigureAwait(false);
        Know(held);
        return (held.Version, held.Instance, held.State, held.Reason) == (next.Version, next.Instance, next.State, next.Reason);
    }

    void Know(SharedBreakerState? state)
    {
        (_known, _knownAt) = (state is { Version: > 0 } ? state : null, breaker.Now);
        if (state is not { State: BreakerState.HalfOpen } || state.Instance != fleet.Instance)
            _isProbing = false;
    }

    void Settle(Decision decision) => Interlocked.CompareExchange(ref _untold, null, decision);

    void Adopt(BreakerState state, TransitionCause cause, string reason, long? until)
    {
        var instance = _known!.Instance == fleet.Instance ? null : _known.Instance;
        breaker.Adopt(new Adoption(breaker.Generation, state, FleetsMode, cause, reason, until, new Origin(true, instance)));
    }

    SharedBreakerState Next(BreakerState state, TransitionCause cause, string reason, TimeSpan? length) =>
        new(Name, Version + 1, state, _known?.Mode, cause, reason, fleet.Instance, length is { } given ? Most(given, TimeSpan.Zero) : null, TimeSpan.Zero);

    long? EndOf(SharedBreakerState known) => known.Length is { } length ? _knownAt + Units(length - known.Age) : null;

    long After(TimeSpan length) => breaker.Now + Units(length);

    long Units(TimeSpan length) => (long)(length.TotalSeconds * time.TimestampFrequency);

    static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    static TimeSpan Most(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
