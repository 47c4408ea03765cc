using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Sharing;

/// <summary>
/// Brings a breaker to the fleet's state, and lets it probe only while it holds the fleet's lease. Called only by the member's loop.
/// </summary>
sealed class FleetProber(CircuitBreaker breaker, KnownState known, Fleet fleet, TimeProvider time)
{
    static readonly TimeSpan MostSpread = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan HeadStart = TimeSpan.FromSeconds(1);

    long _generation = breaker.Generation;
    volatile Asking? _asking;
    bool _isProbing;
    long _probingSince;
    long? _stateEndsAt;

    /// <summary>When <see cref="ActAsync"/> has something to do, as a timestamp; null for never.</summary>
    public long? DueAt { get; private set; }

    /// <summary>The breaker changed by itself when it was about to follow: it may have to follow now.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>Whether this instance holds the lease for the current break, and asks the dependency whether it is back. Thread-safe.</summary>
    public bool MayAsk => _asking is { } asking && asking.Version == known.Version && time.GetTimestamp() < asking.Until;

    bool WantsToAsk => breaker.Options.ActiveProbe is not null && breaker.IsBreaking && known.State is { State: BreakerState.Open };

    BreakerMode FleetsMode => known.State?.Mode ?? breaker.Options.Mode;

    TimeSpan Lease => fleet.Options.ProbeLease;

    bool IsOursToProbe => known is { IsOurs: true, State.State: BreakerState.HalfOpen };

    /// <summary>
    /// The generation of the breaker that has been reconciled with the fleet; thread-safe. Taking over an earlier decision of the fleet does
    /// not lose later local changes.
    /// </summary>
    public void Note(long generation)
    {
        var noted = Volatile.Read(ref _generation);
        while (noted < generation && Interlocked.CompareExchange(ref _generation, generation, noted) is var seen && seen != noted)
            noted = seen;
    }

    /// <summary>Takes over the fleet's state.</summary>
    public void Follow()
    {
        if (known.State is not { } state)
            return;
        if (state.State != BreakerState.HalfOpen)
            Adopt(state.State, state.Cause, known.IsOurs ? state.Reason : $"{state.Instance}: {state.Reason}", known.EndsAt);
        else if (_isProbing && IsOursToProbe)
            Adopt(BreakerState.HalfOpen, state.Cause, state.Reason, null);
        else if (!known.IsOurs || breaker.State != BreakerState.HalfOpen)
            Adopt(BreakerState.Open, state.Cause, $"{state.Instance} probes for the fleet", known.After(Lease));
        Schedule();
    }

    /// <summary>The breaker has reached the fleet's state: prepares the next step.</summary>
    public void Schedule()
    {
        _isProbing &= IsOursToProbe;
        _stateEndsAt = known.State?.State switch
        {
            BreakerState.HalfOpen when known.IsOurs => known.After(_isProbing ? Lease / 3 : TimeSpan.Zero),
            BreakerState.HalfOpen => known.After(Lease + Fleet.Spread(MostSpread)),
            BreakerState.Open or BreakerState.Isolated when known.EndsAt is { } end => end + (known.After(Delay(known.State)) - known.After(TimeSpan.Zero)),
            _ => null,
        };
        DueAt = WantsToAsk ? Sooner(known.After(Fleet.Spread(MostSpread)), _stateEndsAt) : _stateEndsAt;
    }

    /// <summary>Takes the lease at the end of a break, or when its holder fell silent; renews it while this instance probes.</summary>
    public async Task ActAsync(CancellationToken cancellationToken)
    {
        DueAt = null;
        if (_isProbing)
            await GoOnAsync(cancellationToken).ConfigureAwait(false);
        else if (WantsToAsk && !(time.GetTimestamp() >= _stateEndsAt))
            await LeaseToAskAsync(cancellationToken).ConfigureAwait(false);
        else if (known.State is { State: not BreakerState.Closed } && breaker.Mode == BreakerMode.Enforcing)
            await TryProbeAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Probes if no other instance does; otherwise stays paused.</summary>
    public async Task TryProbeAsync(CancellationToken cancellationToken)
    {
        var state = known.State!;
        var isHalfOpen = state.State == BreakerState.HalfOpen;
        if (isHalfOpen && !await known.TryLeaseAsync(cancellationToken).ConfigureAwait(false))
            Follow();
        else if (isHalfOpen && known.IsOurs)
            Probe();
        else
        {
            var cause = state.State == BreakerState.Isolated ? TransitionCause.IsolationExpired : TransitionCause.BreakElapsed;
            var next = known.Next(BreakerState.HalfOpen, cause, isHalfOpen ? $"{state.Instance} no longer probes" : "the break has passed", null);
            if (await known.ChangeAsync(next, cancellationToken).ConfigureAwait(false) && await known.TryLeaseAsync(cancellationToken).ConfigureAwait(false))
                Probe();
            else
                Follow();
        }
    }

    async Task LeaseToAskAsync(CancellationToken cancellationToken)
    {
        var (version, until) = (known.Version, known.After(Lease));
        if (await known.TryLeaseAsync(cancellationToken).ConfigureAwait(false))
            _asking = new Asking(version, until);
        DueAt = Sooner(known.After(Lease / 3), _stateEndsAt);
    }

    async Task GoOnAsync(CancellationToken cancellationToken)
    {
        if (breaker.State != BreakerState.HalfOpen)
            _isProbing = false;
        else if (fleet.Census.Instances > 1 && !breaker.HasProbes && time.GetElapsedTime(_probingSince) > 2 * Lease)
        {
            // Its endpoint may be held, or paused by another breaker: then the whole fleet would wait for a probe that never comes.
            _isProbing = false;
            Adopt(BreakerState.Open, TransitionCause.BreakElapsed, "no message arrived to probe with; another instance may try", known.After(Lease));
            DueAt = known.After(2 * Lease + Fleet.Spread(MostSpread));
        }
        else if (await known.TryLeaseAsync(cancellationToken).ConfigureAwait(false))
            DueAt = known.After(Lease / 3);
        else
        {
            _isProbing = false;
            await known.ReadAsync(cancellationToken).ConfigureAwait(false);
            Follow();
        }
    }

    void Probe()
    {
        (_isProbing, _probingSince) = (true, time.GetTimestamp());
        if (breaker.State != BreakerState.HalfOpen)
            Adopt(BreakerState.HalfOpen, known.State!.Cause, known.State.Reason, null);
        DueAt = known.After(Lease / 3);
    }

    /// <summary>So that not all instances try to take the lease at once, and not always the same one judges the dependency.</summary>
    TimeSpan Delay(SharedBreakerState state)
    {
        var length = state.Length ?? TimeSpan.Zero;
        var hasJustProbed = state.Cause == TransitionCause.ProbesFailed && known.IsOurs && fleet.Census.Instances > 1;
        return Fleet.Spread(Least(MostSpread, length / 10)) + (hasJustProbed ? Least(HeadStart, length) : TimeSpan.Zero);
    }

    void Adopt(BreakerState state, TransitionCause cause, string reason, long? until) => IsBehind = !breaker.Adopt(new FleetDecision(
        Volatile.Read(ref _generation), state, FleetsMode, cause, reason, until, new Origin(true, known.IsOurs ? null : known.State!.Instance)));

    static long Sooner(long one, long? other) => Math.Min(one, other ?? long.MaxValue);

    static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    sealed record Asking(long Version, long Until);
}
