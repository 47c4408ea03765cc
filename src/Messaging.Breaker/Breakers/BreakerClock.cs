namespace Messaging.Breaker.Breakers;

/// <summary>The engine's timestamps, and their conversion to calendar time.</summary>
sealed class BreakerClock(TimeProvider time)
{
    public TimeProvider Time => time;

    public long Now => time.GetTimestamp();

    public DateTimeOffset UtcNow => time.GetUtcNow();

    /// <summary>The number of timestamp units in a second.</summary>
    public long Second => time.TimestampFrequency;

    public TimeSpan GetElapsedSince(long timestamp) => time.GetElapsedTime(timestamp);

    /// <summary>The timestamp when that much time has passed; null for never.</summary>
    public long? After(TimeSpan? time) => time is { } length ? Now + Math.Max(0, (long)(length.TotalSeconds * Second)) : null;

    /// <summary>Converts a timestamp to UTC. A break may be requested beyond the end of the calendar, and then ends there.</summary>
    public DateTimeOffset ToUtc(long timestamp, long now)
    {
        var distance = TimeSpan.FromSeconds((double)Math.Abs(timestamp - now) / Second);
        var utcNow = UtcNow;
        if (timestamp < now)
            return utcNow - distance;
        return distance < DateTimeOffset.MaxValue - utcNow ? utcNow + distance : DateTimeOffset.MaxValue;
    }
}
