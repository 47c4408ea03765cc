namespace Messaging.Breaker.Engine;

/// <summary>
/// What earlier ramps learned about a dependency, for the next one: how many calls at once were healthy within the last hour, and at how many
/// failures began within the last day. Kept for the whole fleet: an instance takes its share according to the number of live instances.
/// </summary>
/// <remarks>Thread-safe.</remarks>
sealed class RampMemory(long frequency)
{
    readonly Lock _lock = new();
    readonly long _hour = 3_600 * frequency;
    double _healthy;
    long _healthyAt;
    double _cliff = double.PositiveInfinity;
    int _patience;
    long _cliffAt;

    /// <summary>Zero if unknown.</summary>
    public double Healthy(int instances, long now)
    {
        lock (_lock)
            return now - _healthyAt > _hour ? 0 : _healthy / instances;
    }

    /// <summary>Infinity if unknown; and how many good rounds below it allow one try beyond it.</summary>
    public (double Level, int Patience) Cliff(int instances, long now)
    {
        lock (_lock)
            return now - _cliffAt > 24 * _hour ? (double.PositiveInfinity, 0) : (_cliff / instances, _patience);
    }

    public void NoteHealthy(double level, int instances, long now)
    {
        lock (_lock)
            (_healthy, _healthyAt) = (level * instances, now);
    }

    public void NoteCliff(double level, int patience, int instances, long now)
    {
        lock (_lock)
            (_cliff, _patience, _cliffAt) = (level * instances, patience, now);
    }
}
