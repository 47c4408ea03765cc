using System.Diagnostics.Metrics;

namespace Messaging.Breaker.Diagnostics;

/// <summary>A counter whose listeners may throw or hang.</summary>
sealed class SafeCounter(Counter<long> counter, ListenerThread thread)
{
    public void Add(long delta, params KeyValuePair<string, object?>[] tags)
    {
        if (counter.Enabled)
            thread.Tell(() => counter.Add(delta, tags));
    }
}

/// <summary>A histogram whose listeners may throw or hang.</summary>
sealed class SafeHistogram(Histogram<double> histogram, ListenerThread thread)
{
    public void Record(double value, params KeyValuePair<string, object?>[] tags)
    {
        if (histogram.Enabled)
            thread.Tell(() => histogram.Record(value, tags));
    }
}
