using Messaging.Breaker.Attribution;

namespace Messaging.Breaker.Consuming;

/// <summary>What is known about a message that failed, for as long as it is held.</summary>
sealed class Suspicion(MessageHandling handling)
{
    readonly long _since = handling.Time.GetTimestamp();

    /// <summary>The dependency was seen to work after the latest failure, so the next attempt is about the message.</summary>
    public bool IsRetest { get; set; }

    public int Retests { get; set; }

    /// <summary>How long the first attempt took when a time-out outside of it ended it. A retest in its place gets as long.</summary>
    public TimeSpan? TimeLimit { get; set; }

    public TimeSpan Left(List<Passage> suspects) =>
        suspects.Min(passage => passage.Breaker.Options.MaxHold) - handling.Time.GetElapsedTime(_since);

    /// <summary>How long to wait for others before the message itself asks the dependency again.</summary>
    public TimeSpan Delay(BreakerOptions options, TimeSpan left)
    {
        var delay = options.RetestDelay * Math.Min(10, 1 << Math.Min(Retests, 4));
        return delay < left ? delay : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
