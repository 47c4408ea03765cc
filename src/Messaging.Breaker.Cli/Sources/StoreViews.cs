using Messaging.Breaker.Cli.Output;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>What the states in a store mean for whoever looks.</summary>
sealed class StoreViews(TimeProvider time)
{
    /// <summary>Null if it is no hold, or one that is over.</summary>
    public EndpointView? OfHold(SharedBreakerState state)
    {
        if (HoldName.EndpointOf(state.Breaker) is not { } endpoint || state.State != BreakerState.Isolated || state.Length <= state.Age)
            return null;
        var since = time.GetUtcNow() - state.Age;
        return new EndpointView(endpoint, nameof(EndpointState.Paused), null, [], new HoldView(state.Reason, since, since + state.Length, state.By, state.Instance), null);
    }

    public BreakerView Of(SharedBreakerState state)
    {
        var now = time.GetUtcNow();
        var since = now - state.Age;
        return new BreakerView(
            state.Breaker,
            state.State.ToString(),
            state.Mode?.ToString(),
            Words.Legible(state.Reason),
            since,
            null,
            state.State is BreakerState.Open or BreakerState.Isolated ? since + state.Length : null,
            state.Instance,
            null,
            null,
            null);
    }
}
