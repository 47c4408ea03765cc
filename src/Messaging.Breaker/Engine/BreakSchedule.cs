namespace Messaging.Breaker.Engine;

/// <summary>
/// The length of the next break. It grows with consecutive reopens, with full jitter above the first break's length, and is never longer than a
/// tenth of the outage so far: after an hour of outage, six more minutes matter little; after a minute, they would.
/// </summary>
sealed class BreakSchedule(Random random)
{
    const double ShareOfOutage = 0.1;

    int _reopens = -1;
    long? _outageSince;

    /// <summary>The outage is over.</summary>
    public void Restart() => (_reopens, _outageSince) = (-1, null);

    /// <summary>Another instance chose a break: the next one here grows all the same.</summary>
    public void Skip(long now)
    {
        _reopens++;
        _outageSince ??= now;
    }

    public long Next(BreakerSettings settings, long atLeast, long now)
    {
        Skip(now);
        var longest = Math.Max(settings.Break, (now - _outageSince!.Value) * ShareOfOutage);
        var ceiling = Math.Min(Math.Min(settings.MaxBreak, longest), settings.Break * Math.Pow(settings.BreakGrowth, _reopens));
        var drawn = settings.Break + (long)(random.NextDouble() * (ceiling - settings.Break));
        return Math.Max(atLeast, drawn);
    }
}
