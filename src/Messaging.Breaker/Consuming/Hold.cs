using Messaging.Breaker.Attribution;

namespace Messaging.Breaker.Consuming;

/// <summary>The waiting of one failing message in its place.</summary>
sealed class Hold(MessageHandling handling, long since)
{
    /// <summary>How often it was run again for want of others.</summary>
    public int Retests { get; set; }

    /// <summary>How long the first attempt took when a time-out outside of it ended it. A retest in its place gets as long.</summary>
    public TimeSpan? TimeLimit { get; set; }

    public TimeSpan Left(List<Passage> suspects) =>
        suspects.Min(passage => passage.Breaker.Options.MaxHold) - handling.Time.GetElapsedTime(since);

    /// <summary>How long to wait for others before the message itself asks the dependency again.</summary>
    public TimeSpan Delay(BreakerOptions options, TimeSpan left)
    {
        var delay = options.RetestDelay * Math.Min(10, 1 << Math.Min(Retests, 4));
        return delay < left ? delay : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
