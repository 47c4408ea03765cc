using System.Diagnostics;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;

namespace Messaging.Breaker.Gating;

/// <summary>Records what happens to an endpoint and its messages, in metrics and spans.</summary>
sealed class EndpointTelemetry(string endpoint, BreakerMeter meter, ConsumeSpans spans, TimeProvider time)
{
    readonly KeyValuePair<string, object?> _endpoint = Tags.Of(Tags.Endpoint, endpoint);
    (DateTimeOffset Since, long Timestamp, string Reason)? _pause;

    /// <summary>A message is put back.</summary>
    /// <param name="breakers">The breakers that guard the endpoint; empty if an operator holds it.</param>
    public void Returned(IReadOnlyList<CircuitBreaker> breakers)
    {
        var cause = breakers.FirstOrDefault(breaker => breaker.IsRefusing)
            ?? breakers.FirstOrDefault(breaker => breaker.ProbeLimit is not null)
            ?? (breakers.Where(breaker => !breaker.IsLocal).ToList() is [var only] ? only : null);
        TagList tags = [_endpoint];
        if (cause is not null)
        {
            tags.Add(Tags.Breaker, cause.Name);
            tags.Add(Tags.State, SnakeCase.Of(cause.State));
            cause.CountReturned();
        }

        meter.Returns.Add(1, [.. tags]);
        if (spans.Current is not { } span)
            return;
        span.SetTag(Tags.Returned, true);
        foreach (var (name, value) in tags)
            span.SetTag(name, value);
        span.SetTag(Tags.Reason, cause?.GetSnapshot().Reason);
    }

    /// <summary>A message was published again to the end of its queue.</summary>
    /// <param name="toEnd">To let others pass; otherwise because of the delivery limit.</param>
    public void Renewed(bool toEnd) => meter.Renewals.Add(1, _endpoint, Tags.Of(Tags.RenewalReason, toEnd ? "go_behind" : "delivery_limit"));

    public void RenewalFailed(Exception exception) => meter.Renewals.Add(1, _endpoint, Tags.Of(Tags.ErrorType, exception.GetType().FullName));

    /// <summary>One message alone holds a breaker open.</summary>
    public void Suspected(string breaker) => meter.Suspects.Add(1, _endpoint, Tags.Of(Tags.Breaker, breaker));

    public TriageMeasurement AwaitVerdict() => new(_endpoint, meter, spans.Current, time);

    /// <summary>The endpoint has reached its desired state.</summary>
    public void Settled(EndpointState state, string reason)
    {
        if (state == EndpointState.Paused)
        {
            _pause ??= (time.GetUtcNow(), time.GetTimestamp(), reason);
            return;
        }

        if (_pause is not { } pause)
            return;
        _pause = null;
        meter.PauseDuration.Record(time.GetElapsedTime(pause.Timestamp).TotalSeconds, _endpoint);
        var span = BreakerSpans.Complete($"{endpoint} pause", pause.Since, time.GetUtcNow());
        span?.SetTag(_endpoint.Key, _endpoint.Value).SetTag(Tags.Reason, pause.Reason);
        BreakerSpans.End(span);
    }
}
