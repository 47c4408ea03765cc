using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.Sharing;

/// <summary>
/// One breaker's part in the fleet: reports decisions made here to the store, and takes over decisions made elsewhere. Everything except <see
/// cref="Note"/> is called by the member's loop, one call at a time.
/// </summary>
sealed class FleetBreaker
{
    const int MostTries = 10;

    readonly CircuitBreaker _breaker;
    readonly Fleet _fleet;
    readonly TimeProvider _time;
    readonly KnownState _known;
    readonly FleetProber _prober;
    readonly ILogger _log;
    readonly Backoff _patience;
    volatile UntoldTransition? _untold;
    volatile bool _isMisled;
    TransitionCause? _alone;
    SharedBreakerState? _reported;

    public FleetBreaker(CircuitBreaker breaker, Fleet fleet, TimeProvider time, ILogger log)
    {
        (_breaker, _fleet, _time, _log, Name) = (breaker, fleet, time, log, SharedName(breaker.Name));
        _patience = new Backoff(time);
        _known = new KnownState(Name, fleet, time);
        _prober = new FleetProber(breaker, _known, fleet, time);
        breaker.MayAsk = () => !fleet.IsReachable || IsAlone || _known.State is null or { State: BreakerState.Closed } || _prober.MayAsk;
    }

    public string Name { get; }

    /// <summary>When <see cref="ActAsync"/> has something to do, as a timestamp; null for never.</summary>
    public long? DueAt => _patience.Until is not { } until ? _prober.DueAt
        : _untold is not null || _prober.DueAt < until ? until : _prober.DueAt;

    /// <summary>It received a state that does not follow from the known one: the store has to be read.</summary>
    public bool IsInDoubt { get; private set; }

    /// <summary>It has tripped, but too few other instances agree.</summary>
    public bool IsAlone => _alone is not null;

    BreakerMode FleetsMode => _known.State?.Mode ?? _breaker.Options.Mode;

    /// <summary>Instances may write a name in different cases.</summary>
    public static string SharedName(string breaker) => breaker.ToLowerInvariant();

    /// <summary>Called for a transition, on the thread that caused it.</summary>
    public void Note(Transition transition)
    {
        if (transition.IsFleets || !IsToBeTold(transition))
            _prober.Note(transition.Generation);
    }

    /// <summary>While the fleet can be asked, the breaker waits a little after its break for the permission to probe.</summary>
    public void SetGrace() => _breaker.SetGrace(_fleet.IsReachable && !IsAlone ? _fleet.Grace : TimeSpan.Zero);

    public void CountInstances() => _breaker.Instances = _fleet.Census.Instances;

    /// <summary>Does what is due, and repeats it no sooner than the store allows.</summary>
    public async Task ActAsync(CancellationToken cancellationToken)
    {
        if (_prober.DueAt is { } due && due <= _time.GetTimestamp())
            await _prober.ActAsync(cancellationToken).ConfigureAwait(false);
        // The same is due again: nothing has changed, or another instance was faster with something that is already over.
        if (_prober.DueAt is { } next && next <= _time.GetTimestamp())
            Refuse();
        else if (_untold is null)
            Accept();
    }

    /// <summary>
    /// Takes in a state from the store, announced or read. A read may also show that the store knows nothing, or less than before.
    /// </summary>
    public async Task HearAsync(SharedBreakerState? state, bool isRead, CancellationToken cancellationToken)
    {
        var (before, endsAt) = (_known.State, _known.EndsAt);
        if (!isRead && !_known.IsFollowedBy(state!))
        {
            // Late or invented: the store decides which.
            IsInDoubt |= !_known.Is(state);
            return;
        }

        IsInDoubt &= !isRead;
        _known.Take(state);
        if (_known.Version < before?.Version)
            await RemindAsync(before, endsAt, cancellationToken).ConfigureAwait(false);
        else if (_untold is null && !_known.Is(before))
            Follow();
        else
            _prober.Schedule();
        await TellAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reports a decision made here, or gives it up for the fleet's decision.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        if (_isMisled)
        {
            _isMisled = false;
            Follow();
        }

        if (_untold is not null && _patience.IsWaiting)
            return;
        for (var tries = 0; _untold is { } decision;)
        {
            if (decision.IsToldBy(_known.State, _fleet.Instance))
                _prober.Schedule();
            else if (!decision.Prevails(_known.State, _fleet.Instance))
            {
                Settle(decision);
                Follow();
            }
            else if (!_fleet.IsReachable)
                return;
            else if (decision.IsOperators || decision.Transition.Generation == _breaker.Generation)
            {
                if (!await TryTellAsync(decision, cancellationToken).ConfigureAwait(false))
                {
                    if (++tries < MostTries)
                        continue;
                    Refuse();
                    return;
                }

                Accept();
            }

            Settle(decision);
        }

        if (_prober.IsBehind)
            Follow();
    }

    /// <summary>Reports how the fleet's state has changed since the previous call.</summary>
    public void Report(IReadOnlyList<IFleetListener> listeners)
    {
        if (_known.State is not { } state || _known.Is(_reported))
            return;
        foreach (var listener in listeners)
            listener.Followed(_breaker.Name, _reported, state, _known.IsOurs);
        _reported = state;
    }

    /// <summary>Once enough others agree, this instance's finding applies to all.</summary>
    public async Task AgreeAsync(CancellationToken cancellationToken)
    {
        if (_alone is not { } cause || !_fleet.Agrees(Name) || _breaker.GetSnapshot() is not { State: BreakerState.Open } found)
            return;
        SetAlone(null);
        if (await _known.ChangeAsync(_known.Next(BreakerState.Open, cause, found.Reason, found.NextProbeAt - _time.GetUtcNow()), cancellationToken).ConfigureAwait(false))
            _prober.Schedule();
        else
            Follow();
    }

    bool IsToBeTold(Transition transition)
    {
        if (transition.Cause == TransitionCause.ConfigurationChanged)
            _isMisled = true;
        var isOperators = UntoldTransition.IsByOperator(transition.Cause) || (_untold is { IsOperators: true } && transition.Mode != FleetsMode);
        if (!isOperators && (transition.Mode != BreakerMode.Enforcing || transition.Cause == TransitionCause.ConfigurationChanged))
            return false;
        _untold = new UntoldTransition(transition, _breaker.Now, _known.Version, isOperators);
        return true;
    }

    /// <summary>False if another state prevented the change, so that the decision has to be reconsidered.</summary>
    async Task<bool> TryTellAsync(UntoldTransition decision, CancellationToken cancellationToken)
    {
        var transition = decision.Transition;
        if (IsOwnAffair(decision))
        {
            SetAlone(transition.To == BreakerState.Closed ? null : _alone ?? transition.Cause);
            return true;
        }

        if (!decision.IsOperators && transition.To == BreakerState.HalfOpen && _known.State?.State == BreakerState.HalfOpen)
        {
            // This instance continued on its own while the store was away. Others may have too, and one of them may already be probing.
            Settle(decision);
            await _prober.TryProbeAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }

        var mode = transition.Mode == FleetsMode ? _known.State?.Mode : transition.Mode == _breaker.Options.Mode ? null : transition.Mode;
        var length = transition.BreakDuration - _time.GetElapsedTime(decision.At);
        var next = _known.Next(transition.To, transition.Cause, transition.Reason, length) with { Mode = mode };
        if (!await _known.ChangeAsync(next, cancellationToken).ConfigureAwait(false))
            return false;
        Settle(decision);
        if (_breaker.Generation == transition.Generation || _untold is not null)
            _prober.Schedule();
        else
            Follow();
        return true;
    }

    /// <summary>The store has lost all or part of its memory: it is told again what the fleet knew.</summary>
    async Task RemindAsync(SharedBreakerState before, long? endsAt, CancellationToken cancellationToken)
    {
        if (before is { State: BreakerState.Closed, Mode: null } or { Version: StateCheck.VersionLimit - 1 })
        {
            if (_untold is null)
                Follow();
            return;
        }

        TimeSpan? length = endsAt is { } end ? _time.GetElapsedTime(_breaker.Now, Math.Max(end, _breaker.Now)) : null;
        var next = before with { Version = StateCheck.After(_known.Version), Length = length, Age = TimeSpan.Zero };
        if (await _known.ChangeAsync(next, cancellationToken).ConfigureAwait(false))
            _prober.Schedule();
        else
            Follow();
    }

    /// <summary>Another instance may be faster, but not every time: then the store does not keep its promises.</summary>
    void Refuse()
    {
        if (_patience.Refuse())
            _log.StoreRefuses(_breaker.Name);
    }

    void Accept()
    {
        if (_patience.Succeed())
            _log.StoreAccepts(_breaker.Name);
    }

    void Follow()
    {
        SetAlone(null);
        _prober.Follow();
    }

    void SetAlone(TransitionCause? cause)
    {
        _alone = cause;
        SetGrace();
    }

    /// <summary>A trip that is reported to the fleet only when enough instances agree, and its consequences.</summary>
    bool IsOwnAffair(UntoldTransition decision) =>
        _fleet.Options.TripQuorum > 0 && !decision.IsOperators && _known.State is null or { State: BreakerState.Closed };

    void Settle(UntoldTransition decision)
    {
        Interlocked.CompareExchange(ref _untold, null, decision);
        _prober.Note(decision.Transition.Generation);
    }
}
