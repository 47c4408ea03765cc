namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// Raised when a figure has been at or above one threshold for a while, cleared when it has been below a lower one for a while. An unknown
/// figure counts as good.
/// </summary>
sealed class Hysteresis(double raise, double clear, TimeSpan raiseAfter, TimeSpan clearAfter)
{
    DateTimeOffset? _turning;

    public bool IsRaised { get; private set; }

    public void Observe(double? figure, DateTimeOffset now)
    {
        var isTurning = IsRaised ? !(figure >= clear) : figure >= raise;
        _turning = isTurning ? _turning ?? now : null;
        if (now - _turning < (IsRaised ? clearAfter : raiseAfter) || !isTurning)
            return;
        IsRaised = !IsRaised;
        _turning = null;
    }
}
