using System.Net;

namespace BreakerWorker.Tests;

/// <summary>The payments service, which can go down.</summary>
sealed class PaymentsStub : HttpMessageHandler
{
    int _charged;

    public volatile bool IsDown;

    public int Charged => Volatile.Read(ref _charged);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (IsDown)
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.InternalServerError));
        Interlocked.Increment(ref _charged);
        return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
    }
}
