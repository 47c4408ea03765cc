using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Attribution;

/// <summary>
/// Reports each HTTP call's outcome to a breaker: status code, exception, duration and Retry-After. While the breaker refuses, calls are
/// not made and end in <see cref="BreakerOpenException"/>.
/// </summary>
sealed class BreakerHttpHandler(CircuitBreaker breaker, TimeProvider time) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = GuardedCall.Begin(breaker);
        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            call.End(HttpOutcome.Of(response, time.GetUtcNow()));
            return response;
        }
        catch (Exception exception)
        {
            // HttpClient's own time-out cancels the token of this method, which therefore cannot tell a hanging server from a caller
            // that lost interest; the message's token can.
            call.End(exception, MessageHandling.Current?.CancellationToken ?? CancellationToken.None);
            throw;
        }
    }
}
