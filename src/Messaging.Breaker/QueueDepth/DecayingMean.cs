namespace Messaging.Breaker.QueueDepth;

/// <summary>The mean of a rate over intervals of any length, with exponential decay.</summary>
sealed class DecayingMean(TimeSpan constant)
{
    double _sum;
    double _weight;

    public double? Value => _weight > 0 ? _sum / _weight : null;

    public void Add(double rate, TimeSpan interval, TimeSpan? shorter = null)
    {
        var keep = Math.Exp(-interval / (shorter < constant ? shorter.Value : constant));
        // Each interval's share decays in the same way, so that long and short intervals add up to the same result.
        (_sum, _weight) = ((_sum * keep) + (rate * (1 - keep)), (_weight * keep) + 1 - keep);
    }

    public void Reset() => (_sum, _weight) = (0, 0);
}
