using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Sharing;

/// <summary>The fleet's hold as the endpoints of one name follow it. Not thread-safe.</summary>
sealed class FollowedHold(string endpoint, EndpointRegistry endpoints, TimeProvider time)
{
    static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    EndpointHold? _hold;
    TimeSpan? _left;
    long _since;

    /// <summary>Holds the endpoints, or ends that. A hold that is already followed continues with the clock it began with.</summary>
    public void Follow(EndpointHold? hold, TimeSpan? left)
    {
        if (IsSame(hold))
            return;
        (_hold, _left, _since) = (hold, left, time.GetTimestamp());
        endpoints.Follow(endpoint, hold, left);
    }

    /// <summary>One more endpoint of the name exists here.</summary>
    public void FollowAgain()
    {
        if (_hold is not null)
            endpoints.Follow(endpoint, _hold, _left - time.GetElapsedTime(_since));
    }

    /// <summary>The fleet has resumed the endpoints.</summary>
    public void Resume() => endpoints.ReleaseFromStart(endpoint);

    bool IsSame(EndpointHold? hold) => hold is null || _hold is null
        ? hold == _hold
        : (hold.Reason, hold.By, hold.Instance) == (_hold.Reason, _hold.By, _hold.Instance)
            && (hold.Until is { } until ? (_hold.Until - until)?.Duration() < Tolerance : _hold.Until is null);
}
