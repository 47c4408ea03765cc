using System.Diagnostics;

namespace Messaging.Breaker.Telemetry;

/// <summary>The wait of one failing message for a verdict.</summary>
sealed class VerdictWait(KeyValuePair<string, object?> endpoint, BreakerMeter meter, Activity? message, TimeProvider time) : IDisposable
{
    readonly Activity? _span = BreakerSpans.Start($"{endpoint.Value} verdict");
    readonly long _since = time.GetTimestamp();

    /// <param name="verdict">What becomes of the message, in the words of metrics.</param>
    /// <param name="isOwnFault">The failure is the message's own, and the error of its span.</param>
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
