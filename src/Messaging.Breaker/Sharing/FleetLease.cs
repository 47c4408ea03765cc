namespace Messaging.Breaker.Sharing;

/// <summary>The right to speak or act for the fleet: the lease of a state that belongs to no breaker. Called by one loop.</summary>
sealed class FleetLease(Fleet fleet, TimeProvider time, string name = "speaker:alerts")
{
    /// <summary>How long it outlives its holder.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(15);

    /// <summary>How often its holder renews it, and the others try to take it.</summary>
    public static readonly TimeSpan Beat = Length / 3;

    readonly KnownState _known = new(name, fleet, time);

    /// <returns>Whether this instance holds it.</returns>
    public async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        if (_known.Version > 0 && await fleet.TryLeaseAsync(name, _known.Version, Length, cancellationToken).ConfigureAwait(false))
            return true;
        // No instance has had it yet, or the store has lost its memory, or another instance has it.
        await _known.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (_known.State is null)
            await _known.ChangeAsync(_known.Next(BreakerState.Closed, TransitionCause.Operator, "there is something to do for the fleet", null), cancellationToken).ConfigureAwait(false);
        return _known.Version > 0 && await fleet.TryLeaseAsync(name, _known.Version, Length, cancellationToken).ConfigureAwait(false);
    }
}
