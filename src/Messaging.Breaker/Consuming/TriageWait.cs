using Messaging.Breaker.Breakers.Attempts;

namespace Messaging.Breaker.Consuming;

/// <summary>The wait of one failing message in its place.</summary>
sealed class TriageWait(InFlightMessage message, long since)
{
    /// <summary>How long the first run took, if an outer timeout ended it. A retest in its place gets the same time.</summary>
    public TimeSpan? TimeLimit { get; set; }

    /// <summary>How many of its calls were refused that an alternative would have taken.</summary>
    public int Refusals { get; set; }

    public TimeSpan Left(List<BreakerAttempt> suspects) =>
        suspects.Min(attempt => attempt.Breaker.Options.MaxHold) - message.Time.GetElapsedTime(since);

    /// <summary>
    /// How long to wait for others before the message itself asks the dependency again: constant until it is known whether it is alone, and
    /// then longer each time.
    /// </summary>
    public static TimeSpan Delay(BreakerAttempt attempt, TimeSpan left)
    {
        var doublings = Math.Clamp(attempt.History!.WaitsInVain - 1, 0, 4);
        var delay = attempt.Breaker.Options.RetestDelay * Math.Min(10, 1 << doublings);
        return delay < left ? delay : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
