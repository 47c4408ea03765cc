namespace Messaging.Breaker.Engine;

/// <summary>How long the next break lasts: it grows with consecutive reopens, with full jitter above the first break's length.</summary>
sealed class BreakSchedule(Random random)
{
    int _reopens = -1;

    public void Restart() => _reopens = -1;

    /// <summary>Another instance drew a break: the next one here grows all the same.</summary>
    public void Skip() => _reopens++;

    public long Next(BreakerSettings settings, long atLeast)
    {
        _reopens++;
        var ceiling = Math.Min(settings.MaxBreak, settings.Break * Math.Pow(settings.BreakGrowth, _reopens));
        var drawn = settings.Break + (long)(random.NextDouble() * (ceiling - settings.Break));
        return Math.Max(atLeast, drawn);
    }
}
