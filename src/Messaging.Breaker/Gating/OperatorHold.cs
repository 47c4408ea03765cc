namespace Messaging.Breaker.Gating;

/// <summary>An operator's hold with the timer of its expiry, which uses a steady clock.</summary>
sealed class OperatorHold : IDisposable
{
    // Timers have a maximum duration too.
    static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    readonly TimeProvider _time;
    readonly long _began;
    readonly TimeSpan? _left;
    readonly ITimer? _timer;

    /// <param name="hold">The hold.</param>
    /// <param name="left">How much longer it lasts from now on; null for no end.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onExpiry">Called when it is over, and possibly earlier.</param>
    public OperatorHold(EndpointHold hold, TimeSpan? left, TimeProvider time, Action onExpiry)
    {
        (Hold, _left, _time, _began) = (hold, left, time, time.GetTimestamp());
        if (left is not { } length)
            return;
        var wait = length > LongestWait ? LongestWait : length < TimeSpan.Zero ? TimeSpan.Zero : length;
        using (ExecutionContext.SuppressFlow())
            _timer = time.CreateTimer(_ => onExpiry(), null, wait, length > LongestWait ? LongestWait : Again);
    }

    public EndpointHold Hold { get; }

    /// <summary>How much longer it lasts; null for no end.</summary>
    public TimeSpan? Left => _left - _time.GetElapsedTime(_began);

    public bool HasExpired => Left <= TimeSpan.Zero;

    public void Dispose() => _timer?.Dispose();
}
