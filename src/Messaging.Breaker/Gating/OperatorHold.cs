namespace Messaging.Breaker.Gating;

/// <summary>An operator's hold with the timer of its expiry.</summary>
sealed class OperatorHold : IDisposable
{
    readonly TimeProvider _time;
    readonly ITimer? _timer;

    public OperatorHold(string reason, TimeSpan? expiry, TimeProvider time, Action onExpiry)
    {
        _time = time;
        var now = time.GetUtcNow();
        Hold = new EndpointHold(reason, now, now + expiry);
        if (expiry is not { } length)
            return;
        using (ExecutionContext.SuppressFlow())
            _timer = time.CreateTimer(_ => onExpiry(), null, length, TimeSpan.FromSeconds(1));
    }

    public EndpointHold Hold { get; }

    public bool HasExpired => Hold.Until <= _time.GetUtcNow();

    public void Dispose() => _timer?.Dispose();
}
