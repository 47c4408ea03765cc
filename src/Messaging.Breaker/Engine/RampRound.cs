using System.Runtime.InteropServices;

namespace Messaging.Breaker.Engine;

/// <summary>The successes of one round of a ramp: their load and their duration.</summary>
sealed class RampRound
{
    readonly List<long> _times = [];
    long _loads;

    public int Count => _times.Count;

    public double MeanLoad => (double)_loads / Count;

    // The times are sorted.
    public double Median => Math.Max(1, _times[Count / 2]);

    /// <summary>By how much a call in four is slower than the median.</summary>
    public double Spread => _times[Count * 3 / 4] - _times[Count / 2];

    public void Add(int load, long elapsed)
    {
        _times.Add(elapsed);
        _loads += load;
    }

    public void Sort() => CollectionsMarshal.AsSpan(_times).Sort();

    public void Clear()
    {
        _times.Clear();
        _loads = 0;
    }
}
