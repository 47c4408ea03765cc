namespace Messaging.Breaker.Sharing.Alerts;

/// <summary>The right to speak for the fleet: the lease of a state that no breaker has. Called by one loop.</summary>
sealed class SpeakerLease(Fleet fleet, TimeProvider time)
{
    /// <summary>How long it outlives its holder.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(15);

    /// <summary>How often its holder prolongs it, and the others reach for it.</summary>
    public static readonly TimeSpan Beat = Length / 3;

    const string Name = "speaker:alerts";

    readonly KnownState _known = new(Name, fleet, time);

    /// <returns>Whether this instance speaks.</returns>
    public async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        if (_known.Version > 0 && await fleet.TryLeaseAsync(Name, _known.Version, Length, cancellationToken).ConfigureAwait(false))
            return true;
        // Nobody has spoken yet, or the store has lost its memory; or another speaks.
        await _known.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (_known.State is null)
            await _known.ChangeAsync(_known.Next(BreakerState.Closed, TransitionCause.Operator, "there is something to tell", null), cancellationToken).ConfigureAwait(false);
        return _known.Version > 0 && await fleet.TryLeaseAsync(Name, _known.Version, Length, cancellationToken).ConfigureAwait(false);
    }
}
