using Messaging.Breaker.Attribution;

namespace Messaging.Breaker.Consuming;

/// <summary>The waiting of one failing message in its place.</summary>
sealed class TriageWait(InFlightMessage message, long since)
{
    /// <summary>How long the first run took when a time-out outside of it ended it. A retest in its place gets as long.</summary>
    public TimeSpan? TimeLimit { get; set; }

    /// <summary>How often a call of it was refused that another dependency would have taken.</summary>
    public int Refusals { get; set; }

    public TimeSpan Left(List<BreakerAttempt> suspects) =>
        suspects.Min(attempt => attempt.Breaker.Options.MaxHold) - message.Time.GetElapsedTime(since);

    /// <summary>
    /// How long to wait for others before the message itself asks the dependency again: the same until it is known whether it is alone, then
    /// ever longer.
    /// </summary>
    public static TimeSpan Delay(BreakerAttempt attempt, TimeSpan left)
    {
        var doublings = Math.Clamp(attempt.History!.WaitsInVain - 1, 0, 4);
        var delay = attempt.Breaker.Options.RetestDelay * Math.Min(10, 1 << doublings);
        return delay < left ? delay : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
