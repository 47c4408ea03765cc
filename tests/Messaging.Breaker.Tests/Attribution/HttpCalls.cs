using System.IO.Pipelines;
using Messaging.Breaker.Attribution;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Attempts;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Attribution;

/// <summary>A breaker, and clients whose calls are attributed to it.</summary>
sealed class HttpCalls : IDisposable
{
    readonly List<Exception> _seen = [];

    public HttpCalls(Action<BreakerOptions>? configure = null, TimeProvider? time = null)
    {
        Clock = time ?? Time;
        var options = new BreakerOptions { SamplingDuration = TimeSpan.FromHours(1) }.Ignore<Exception>(exception =>
        {
            _seen.Add(exception);
            return false;
        });
        configure?.Invoke(options);
        Breaker = new CircuitBreaker("payments", options, Clock, new Random(1), _ => { });
    }

    public FakeTimeProvider Time { get; } = new();

    public TimeProvider Clock { get; }

    public CircuitBreaker Breaker { get; }

    public WindowSnapshot Window => Breaker.GetSnapshot().Window;

    /// <summary>The exception by which a failing call was judged.</summary>
    public Exception Thrown => _seen[0];

    public BreakerHttpHandler Handler(HttpMessageHandler inner) => new(Breaker, Clock) { InnerHandler = inner };

    public HttpClient To(AnsweringServer server) => new(Handler(new SocketsHttpHandler())) { BaseAddress = server.Address };

    /// <summary>A client of a fake server that gives this answer.</summary>
    public HttpClient To(Func<HttpResponseMessage> answer) => new(Handler(new FakeServer(answer))) { BaseAddress = new Uri("http://fake") };

    public HttpClient To(HttpContent content) => To(() => new HttpResponseMessage { Content = content });

    /// <summary>A client of a fake server whose response body the test writes.</summary>
    public HttpClient To(Pipe body) => To(new StreamContent(body.Reader.AsStream()));

    /// <summary>Begins a message: from here on, the running code handles it.</summary>
    public InFlightMessage BeginMessage(CancellationToken cancellationToken)
    {
        var message = new InFlightMessage([new BreakerAttempt(Breaker)], null, Clock, cancellationToken);
        Assert.Null(message.TryAcquireAll());
        InFlightMessage.Current = message;
        message.Begin(Breaker.Now);
        return message;
    }

    public void Dispose() => Breaker.Dispose();

    sealed class FakeServer(Func<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer());

        protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => answer();
    }
}
