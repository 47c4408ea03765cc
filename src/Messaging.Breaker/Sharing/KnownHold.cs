namespace Messaging.Breaker.Sharing;

/// <summary>What a state of the fleet means for an endpoint.</summary>
static class KnownHold
{
    /// <summary>When the hold ends, as a timestamp; null if there is none, or it is over.</summary>
    public static long? FindEnd(this KnownState known, TimeProvider time) =>
        known.State is { State: not BreakerState.Closed } && (known.EndsAt ?? long.MaxValue) is var end && end > time.GetTimestamp() ? end : null;

    /// <summary>The hold; null if there is none, or it is over.</summary>
    public static EndpointHold? FindHold(this KnownState known, TimeProvider time) =>
        known.FindEnd(time) is not null && known.State is { } state ? state.ToHold(time) : null;

    public static EndpointHold ToHold(this SharedBreakerState state, TimeProvider time)
    {
        var since = time.GetUtcNow() - state.Age;
        return new EndpointHold(state.Reason, since, since + state.Length) { By = state.By, Instance = state.Instance };
    }
}
