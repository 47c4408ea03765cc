using System.Diagnostics;
using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Telemetry;

/// <summary>What happens to the messages of one endpoint, and to the endpoint itself, in metrics and spans.</summary>
sealed class EndpointTelemetry(string endpoint, BreakerMeter meter, ConsumeSpans spans, TimeProvider time)
{
    readonly KeyValuePair<string, object?> _endpoint = Tags.Of(Tags.Endpoint, endpoint);
    (DateTimeOffset Since, long Timestamp, string Reason)? _pause;

    /// <summary>A message is put back.</summary>
    /// <param name="breakers">Those that guard the endpoint; empty when it is held by an operator.</param>
    public void Returned(IReadOnlyList<CircuitBreaker> breakers)
    {
        var cause = breakers.FirstOrDefault(breaker => breaker.IsRefusing)
            ?? breakers.FirstOrDefault(breaker => breaker.ProbeLimit is not null)
            ?? (breakers.Where(breaker => !breaker.IsLocal).ToList() is [var only] ? only : null);
        TagList tags = [_endpoint];
        if (cause is not null)
        {
            tags.Add(Tags.Breaker, cause.Name);
            tags.Add(Tags.State, Words.Of(cause.State));
        }

        meter.Returns.Add(1, [.. tags]);
        if (spans.Current is not { } span)
            return;
        span.SetTag(Tags.Returned, true);
        foreach (var (name, value) in tags)
            span.SetTag(name, value);
        span.SetTag(Tags.Reason, cause?.GetSnapshot().Reason);
    }

    /// <summary>A message was published anew to the end of its queue.</summary>
    /// <param name="toEnd">To let others pass; otherwise lest it meet the delivery limit.</param>
    public void Renewed(bool toEnd) => meter.Renewals.Add(1, _endpoint, Tags.Of(Tags.RenewalReason, toEnd ? "go_behind" : "delivery_limit"));

    public void RenewalFailed(Exception exception) => meter.Renewals.Add(1, _endpoint, Tags.Of(Tags.ErrorType, exception.GetType().FullName));

    /// <summary>One message alone holds a breaker open.</summary>
    public void Suspected(string breaker) => meter.Suspects.Add(1, _endpoint, Tags.Of(Tags.Breaker, breaker));

    public VerdictWait AwaitVerdict() => new(_endpoint, meter, spans.Current, time);

    /// <summary>The endpoint does what it should: this.</summary>
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
