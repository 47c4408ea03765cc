namespace Messaging.Breaker.Sharing;

/// <summary>How long to wait after a refusal: longer each time, until it succeeds.</summary>
sealed class Backoff(TimeProvider time)
{
    static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    // Once or twice, another instance may have been faster.
    const int Notable = 3;

    TimeSpan _next = First;
    int _refusals;

    /// <summary>When to try again, as a timestamp; null for at once.</summary>
    public long? Until { get; private set; }

    public bool IsWaiting => time.GetTimestamp() < Until;

    /// <returns>Whether this is the refusal from which on it should be logged.</returns>
    public bool Refuse()
    {
        Until = time.GetTimestamp() + (long)(_next.TotalSeconds * time.TimestampFrequency);
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return ++_refusals == Notable;
    }

    /// <returns>Whether the refusals before had been logged.</returns>
    public bool Succeed()
    {
        var wasNotable = _refusals >= Notable;
        (_next, Until, _refusals) = (First, null, 0);
        return wasNotable;
    }
}
