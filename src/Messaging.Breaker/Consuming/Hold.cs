using Messaging.Breaker.Attribution;

namespace Messaging.Breaker.Consuming;

/// <summary>The waiting of one failing message in its place.</summary>
sealed class Hold(MessageHandling handling, long since)
{
    /// <summary>How long the first attempt took when a time-out outside of it ended it. A retest in its place gets as long.</summary>
    public TimeSpan? TimeLimit { get; set; }

    public TimeSpan Left(List<Passage> suspects) =>
        suspects.Min(passage => passage.Breaker.Options.MaxHold) - handling.Time.GetElapsedTime(since);

    /// <summary>How long to wait for others before the message itself asks the dependency again.</summary>
    public static TimeSpan Delay(Passage passage, TimeSpan left)
    {
        var delay = passage.Breaker.Options.RetestDelay * Math.Min(10, 1 << Math.Min(passage.Case!.RunsAlone, 4));
        return delay < left ? delay : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
