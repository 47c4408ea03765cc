namespace Messaging.Breaker.Sharing;

/// <summary>How long to leave alone what refused: longer each time, until it no longer does.</summary>
sealed class Patience(TimeProvider time)
{
    static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    // Once or twice it may have been another instance that was quicker.
    const int Notable = 3;

    TimeSpan _next = First;
    int _refusals;

    /// <summary>When to try again, as a timestamp; null for at once.</summary>
    public long? Until { get; private set; }

    public bool IsWaiting => time.GetTimestamp() < Until;

    /// <returns>Whether it has now been so often that somebody should know.</returns>
    public bool Refuse()
    {
        Until = time.GetTimestamp() + (long)(_next.TotalSeconds * time.TimestampFrequency);
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return ++_refusals == Notable;
    }

    /// <returns>Whether it had been so often before that somebody knew.</returns>
    public bool Succeed()
    {
        var wasNotable = _refusals >= Notable;
        (_next, Until, _refusals) = (First, null, 0);
        return wasNotable;
    }
}
