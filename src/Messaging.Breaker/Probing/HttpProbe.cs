using System.Net.Http.Headers;

namespace Messaging.Breaker.Probing;

/// <summary>Whether an address answers 2xx. A redirect does not count, because it may lead to a login page.</summary>
sealed class HttpProbe(Uri address, Action<HttpRequestHeaders>? headers)
{
    // Not from the factory, whose clients log every request, and without a propagator, which would create a span for each: an open breaker is
    // quiet.
    static readonly HttpClient Http = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, ActivityHeadersPropagator = null, PooledConnectionLifetime = TimeSpan.FromMinutes(1) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<bool> AskAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        headers?.Invoke(request.Headers);
        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return response.IsSuccessStatusCode;
    }
}
