using System.Diagnostics.Metrics;

namespace Messaging.Breaker.Telemetry;

/// <summary>A counter whose listeners may throw.</summary>
sealed class SafeCounter(Counter<long> counter)
{
    public void Add(long delta, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        try
        {
            counter.Add(delta, tags);
        }
        catch (Exception)
        {
            // As in Safely, which a span cannot be passed through.
        }
    }
}

/// <summary>A histogram whose listeners may throw.</summary>
sealed class SafeHistogram(Histogram<double> histogram)
{
    public void Record(double value, params ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        try
        {
            histogram.Record(value, tags);
        }
        catch (Exception)
        {
            // As in Safely, which a span cannot be passed through.
        }
    }
}
