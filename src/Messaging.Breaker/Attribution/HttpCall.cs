using System.Net;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Classifying;
using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Attribution;

/// <summary>One HTTP or gRPC call, from its request to the end of its answer.</summary>
readonly struct HttpCall
{
    static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(100);

    readonly GuardedCall _call;
    readonly HttpRequestMessage _request;
    readonly TimeProvider _time;
    // Null outside a message.
    readonly CancellationToken? _message;
    readonly long _startedAt;

    /// <exception cref="BreakerOpenException">The breaker refuses.</exception>
    public HttpCall(CircuitBreaker breaker, HttpRequestMessage request, TimeProvider time, Func<HttpRequestMessage, string?>? key = null)
    {
        _call = GuardedCall.Begin(breaker, key?.Invoke(request));
        _request = request;
        _time = time;
        // Stored here, because the body may be read where the message is not known.
        _message = InFlightMessage.Current?.CancellationToken;
        _startedAt = time.GetTimestamp();
    }

    bool IsGrpc => GrpcOutcome.IsGrpc(_request.Content?.Headers.ContentType?.MediaType);

    /// <summary>The headers have arrived. If they do not decide the outcome, the body does.</summary>
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

    /// <summary>No response has arrived.</summary>
    public void FailToSend(Exception exception, CancellationToken cancellationToken) =>
        End(exception, IsGrpc ? cancellationToken : CancellationToken.None);

    public void End(Classification finding) => _call.End(finding);

    /// <param name="exception">What the caller gets.</param>
    /// <param name="caller">
    /// The caller's token; none where HttpClient's own timeout also cancels it. Such a token cannot distinguish a hanging server from a
    /// caller that lost interest; the message's token can.
    /// </param>
    public void End(Exception exception, CancellationToken caller)
    {
        var token = caller.IsCancellationRequested && IsCallersWish() ? caller : _message ?? CancellationToken.None;
        // A call that is cancelled may break off first. HttpClient reports that as a cancellation too, but only outside its handlers.
        if (token.IsCancellationRequested && exception is HttpRequestException or IOException)
            exception = new OperationCanceledException(exception.Message, exception, token);
        _call.End(exception, token);
    }

    /// <summary>
    /// A gRPC client cancels a call in the same way for its deadline and for its caller, so the clock distinguishes them. For an HTTP call the
    /// message's handler does: it fails because of a timeout. Outside a message nothing does, and the call counts as a timeout.
    /// </summary>
    bool IsCallersWish() => IsGrpc ? !IsPastDeadline() : _message is not null;

    /// <summary>Null if the body decides.</summary>
    Classification? Judge(HttpResponseMessage response)
    {
        var finding = HttpOutcome.Of(response, _time.GetUtcNow());
        if (finding.Outcome != Outcome.Success)
            return finding;
        if (GrpcOutcome.IsGrpc(response.Content))
            return GrpcOutcome.IsTrailersOnly(response) ? GrpcOutcome.Of(response) : null;
        // A page from a proxy in front of the server, which the client cannot read.
        if (IsGrpc && response.StatusCode < HttpStatusCode.BadRequest)
            return new Classification(Outcome.Failure, Detail: "an answer that is not gRPC");
        return HasBody(response) ? null : finding;
    }

    bool HasBody(HttpResponseMessage response) =>
        response.Content.Headers.ContentLength != 0
        && _request.Method != HttpMethod.Head
        && _request.Method != HttpMethod.Connect
        && response.StatusCode is not (HttpStatusCode.SwitchingProtocols or HttpStatusCode.NoContent or HttpStatusCode.NotModified);

    // The client's timer started slightly before the call. On a busy machine the gap can exceed a tenth of a short deadline.
    bool IsPastDeadline() => GrpcOutcome.TimeoutOf(_request) is { } timeout
        && _time.GetElapsedTime(_startedAt) >= timeout - (timeout * 0.1 > HeadStart ? timeout * 0.1 : HeadStart);
}
