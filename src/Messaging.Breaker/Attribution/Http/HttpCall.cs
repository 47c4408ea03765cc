using System.Net;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Attribution;

/// <summary>One HTTP or gRPC call, from its request to the end of its answer.</summary>
readonly struct HttpCall
{
    static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(100);

    readonly GuardedCall _call;
    readonly HttpRequestMessage _request;
    readonly TimeProvider _time;
    // Null outside of a message.
    readonly CancellationToken? _message;
    readonly long _startedAt;

    /// <exception cref="BreakerOpenException">The breaker refuses.</exception>
    public HttpCall(CircuitBreaker breaker, HttpRequestMessage request, TimeProvider time, Func<HttpRequestMessage, string?>? key = null)
    {
        _call = GuardedCall.Begin(breaker, key?.Invoke(request));
        _request = request;
        _time = time;
        // Now: the body may be read where the message is not known.
        _message = InFlightMessage.Current?.CancellationToken;
        _startedAt = time.GetTimestamp();
    }

    bool IsGrpc => GrpcOutcome.IsGrpc(_request.Content?.Headers.ContentType?.MediaType);

    /// <summary>The headers have come. What they leave open, the body decides.</summary>
    public void Answer(HttpResponseMessage response)
    {
        if (Judge(response) is { } finding)
        {
            End(finding);
            return;
        }

        _call.Answered();
        response.Content = new ObservedContent(this, response);
    }

    /// <summary>No answer has come.</summary>
    public void FailToSend(Exception exception, CancellationToken cancellationToken) =>
        End(exception, IsGrpc ? cancellationToken : CancellationToken.None);

    public void End(Finding finding) => _call.End(finding);

    /// <param name="exception">What the caller gets.</param>
    /// <param name="caller">
    /// What the caller cancels; none where HttpClient's own time-out cancels it too. Such a token cannot tell a hanging server from a
    /// caller that lost interest; the message's can.
    /// </param>
    public void End(Exception exception, CancellationToken caller) =>
        _call.End(exception, caller.IsCancellationRequested && IsCallersWish() ? caller : _message ?? CancellationToken.None);

    /// <summary>
    /// A gRPC client cancels a call for its deadline as it does for its caller: the clock tells them apart. Of an HTTP call the handler of
    /// the message tells: it fails by a time-out. Outside of a message nobody does, and it counts as a time-out.
    /// </summary>
    bool IsCallersWish() => IsGrpc ? !IsPastDeadline() : _message is not null;

    /// <summary>Null where the body decides.</summary>
    Finding? Judge(HttpResponseMessage response)
    {
        var finding = HttpOutcome.Of(response, _time.GetUtcNow());
        if (finding.Outcome != Outcome.Success)
            return finding;
        if (GrpcOutcome.IsGrpc(response.Content))
            return GrpcOutcome.IsTrailersOnly(response) ? GrpcOutcome.Of(response) : null;
        // A page of the proxy in front of the server, which the client cannot read.
        if (IsGrpc && response.StatusCode < HttpStatusCode.BadRequest)
            return new Finding(Outcome.Failure, Detail: "an answer that is not gRPC");
        return HasBody(response) ? null : finding;
    }

    bool HasBody(HttpResponseMessage response) =>
        response.Content.Headers.ContentLength != 0
        && _request.Method != HttpMethod.Head
        && _request.Method != HttpMethod.Connect
        && response.StatusCode is not (HttpStatusCode.SwitchingProtocols or HttpStatusCode.NoContent or HttpStatusCode.NotModified);

    // The client's timer began before the call did: by little, but on a busy machine not by a tenth of a short deadline only.
    bool IsPastDeadline() => GrpcOutcome.TimeoutOf(_request) is { } timeout
        && _time.GetElapsedTime(_startedAt) >= timeout - (timeout * 0.1 > HeadStart ? timeout * 0.1 : HeadStart);
}
