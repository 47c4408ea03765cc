using Cronos;

namespace Messaging.Breaker.Windows;

/// <summary>The times of a window: one time, or an expression. Pure.</summary>
sealed class WindowSchedule
{
    readonly DateTimeOffset _start;
    readonly TimeSpan _length;
    readonly CronExpression? _cron;
    readonly TimeZoneInfo _zone;

    public WindowSchedule(DateTimeOffset start, DateTimeOffset end) => (_start, _length, _zone) = (start, end - start, TimeZoneInfo.Utc);

    public WindowSchedule(CronExpression cron, TimeZoneInfo zone, TimeSpan length) => (_cron, _zone, _length) = (cron, zone, length);

    /// <summary>The times that have begun and are not over, and the next one, in order.</summary>
    public IEnumerable<(DateTimeOffset Start, DateTimeOffset End)> Around(DateTimeOffset now)
    {
        if (_cron is null)
        {
            if (_start + _length > now)
                yield return (_start, _start + _length);
            yield break;
        }

        var from = now - _length;
        while (_cron.GetNextOccurrence(from, _zone) is { } start)
        {
            yield return (start.ToUniversalTime(), start.ToUniversalTime() + _length);
            if (start > now)
                yield break;
            from = start;
        }
    }
}
