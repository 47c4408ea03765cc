using Messaging.Breaker.Breakers;

namespace Messaging.Breaker.Attribution;

/// <summary>
/// Reports each HTTP call's outcome to a breaker: status, exception, duration up to the end of the body, and Retry-After. While the breaker
/// refuses, calls are not made and end in <see cref="BreakerOpenException"/>.
/// </summary>
/// <param name="breaker">The breaker.</param>
/// <param name="time">The clock.</param>
/// <param name="key">By what its calls are split; null if they are not.</param>
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
