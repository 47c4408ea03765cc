namespace Messaging.Breaker.Sharing;

/// <summary>What this instance knows of the fleet's state of one breaker. Changed only by the member's loop; any thread may read it.</summary>
sealed class KnownState(string breaker, Fleet fleet, TimeProvider time)
{
    volatile SharedBreakerState? _state;
    long _since;

    public SharedBreakerState? State => _state;

    public long Version => _state?.Version ?? 0;

    /// <summary>This instance decided it.</summary>
    public bool IsOurs => _state?.Instance == fleet.Instance;

    /// <summary>When it changed, as a timestamp; null if nothing is known.</summary>
    public long? ChangedAt => _state is { } state ? _since - Units(state.Age) : null;

    /// <summary>When the break or the isolation ends, as a timestamp; null for never.</summary>
    public long? EndsAt => _state is { Length: { } length } state ? _since + Units(length - state.Age) : null;

    /// <summary>
    /// Whether this state is the known one. Versions alone do not show that: a store that lost its memory starts counting again.
    /// </summary>
    public bool Is(SharedBreakerState? other) => Identity(_state) == Identity(other);

    /// <summary>Whether this may be the next change. Any other one is either late, or was never in the store.</summary>
    public bool IsFollowedBy(SharedBreakerState next) => next.Version == StateCheck.After(Version);

    public void Take(SharedBreakerState? state) => (_state, _since) = (state is { Version: > 0 } ? state : null, time.GetTimestamp());

    /// <summary>The next state, without an end if <paramref name="length"/> is null.</summary>
    public SharedBreakerState Next(BreakerState state, TransitionCause cause, string reason, TimeSpan? length)
    {
        var ends = length < TimeSpan.Zero ? TimeSpan.Zero : length;
        var next = new SharedBreakerState
        {
            Breaker = breaker,
            Version = StateCheck.After(Version),
            State = state,
            Mode = _state?.Mode,
            Cause = cause,
            Reason = reason,
            Instance = fleet.Instance,
            Length = ends,
            Age = TimeSpan.Zero,
        };
        return StateCheck.Tidy(next with { Later = _state?.Later });
    }

    /// <summary>False if another state prevented it, which is known then.</summary>
    public async Task<bool> ChangeAsync(SharedBreakerState next, CancellationToken cancellationToken)
    {
        Take(await fleet.ChangeAsync(next, cancellationToken).ConfigureAwait(false));
        return Is(next);
    }

    public Task<bool> TryLeaseAsync(CancellationToken cancellationToken) => fleet.TryLeaseProbeAsync(breaker, Version, cancellationToken);

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        Take((await fleet.ReadAsync([breaker], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(breaker));
    }

    public long After(TimeSpan length) => time.GetTimestamp() + Units(length);

    static (long, string, BreakerState, string)? Identity(SharedBreakerState? state) =>
        state is null ? null : (state.Version, state.Instance, state.State, state.Reason);

    long Units(TimeSpan length) => (long)(length.TotalSeconds * time.TimestampFrequency);
}
