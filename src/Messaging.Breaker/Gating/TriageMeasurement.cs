using System.Diagnostics;
using Messaging.Breaker.Diagnostics;

namespace Messaging.Breaker.Gating;

/// <summary>The wait of one failing message for a verdict.</summary>
sealed class TriageMeasurement(KeyValuePair<string, object?> endpoint, BreakerMeter meter, Activity? message, TimeProvider time) : IDisposable
{
    readonly Activity? _span = BreakerSpans.Start($"{endpoint.Value} verdict");
    readonly long _since = time.GetTimestamp();

    /// <param name="verdict">What happens to the message, as metrics name it.</param>
    /// <param name="isOwnFault">Whether the failure is the message's own, and so the error of its span.</param>
    public void Reached(string verdict, bool isOwnFault)
    {
        meter.Verdicts.Record(time.GetElapsedTime(_since).TotalSeconds, endpoint, Tags.Of(Tags.Verdict, verdict));
        _span?.SetTag(endpoint.Key, endpoint.Value).SetTag(Tags.Verdict, verdict);
        message?.SetTag(Tags.Verdict, verdict);
        if (isOwnFault)
            message?.SetStatus(ActivityStatusCode.Error, "The failure is the message's own.");
    }

    public void Dispose() => BreakerSpans.End(_span);
}
