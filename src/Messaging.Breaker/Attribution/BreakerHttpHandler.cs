using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Attribution;

/// <summary>
/// Reports the outcome of each HTTP call to a breaker: status, exception, duration up to the end of the body, and Retry-After. While the
/// breaker refuses, no call is made, and it ends in <see cref="BreakerOpenException"/>.
/// </summary>
/// <param name="breaker">The breaker.</param>
/// <param name="time">The clock.</param>
/// <param name="key">Returns the key of a call; null if the breaker is not split by its calls.</param>
sealed class BreakerHttpHandler(CircuitBreaker breaker, TimeProvider time, Func<HttpRequestMessage, string?>? key = null) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = new HttpCall(breaker, request, time, key);
        HttpResponseMessage response;
        try
        {
            response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            call.FailToSend(exception, cancellationToken);
            throw;
        }

        call.Answer(response);
        return response;
    }

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = new HttpCall(breaker, request, time, key);
        HttpResponseMessage response;
        try
        {
            response = base.Send(request, cancellationToken);
        }
        catch (Exception exception)
        {
            call.FailToSend(exception, cancellationToken);
            throw;
        }

        call.Answer(response);
        return response;
    }
}
