using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.Tests.Attribution;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Polly.Timeout;

namespace Messaging.Breaker.Tests.QueueDepth;

/// <summary>The webhook against a real server on loopback.</summary>
public sealed class WebhookTests : IDisposable
{
    const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    static readonly QueueAlertRaised Raised = new(
        "depth/queue:orders", "machine", new QueueAlert
        {
            Rule = "depth",
            Severity = AlertSeverity.Critical,
            Queues = ["orders"],
            Breaker = "payments",
            BreakerState = BreakerState.HalfOpen,
            Message = "5,000 wait",
            Since = SimulatedQueue.Start,
        });

    readonly HttpListener _server;
    readonly ConcurrentQueue<int> _answers = [];
    readonly ConcurrentQueue<Call> _calls = [];
    readonly string _address;

    public WebhookTests()
    {
        // HttpListener cannot ask for a free port.
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            // A listener that failed to start cannot be used again.
            _server = new HttpListener();
            _server.Prefixes.Add($"http://127.0.0.1:{port}/");
            _address = $"http://127.0.0.1:{port}/secret-path";
            try
            {
                _server.Start();
                break;
            }
            catch (HttpListenerException)
            {
                // The port was taken.
            }
        }

        _ = ServeAsync();
    }

    public void Dispose() => _server.Close();

    [Fact]
    public void The_signature_is_that_of_the_specifications_example()
    {
        using var request = new HttpRequestMessage();
        new WebhookSignature(Secret).Sign(
            request, "msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), """{"test": 2432232314}""");
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", Assert.Single(request.Headers.GetValues("webhook-signature")));
        Assert.Equal("1614265330", Assert.Single(request.Headers.GetValues("webhook-timestamp")));
    }

    [Fact]
    public async Task A_cleared_alert_gives_its_cost_and_keeps_all_earlier_fields()
    {
        _answers.Enqueue(204);
        await using var services = Services();
        var alert = Raised.Alert with { Outage = new AlertOutage { Began = SimulatedQueue.Start, Ended = SimulatedQueue.Start.AddMinutes(4), Reopens = 2, MessagesDelayed = 5_000, CallsSpared = 5_002 } };
        await services.GetRequiredService<WebhookAlertSink>().ClearAsync(
            new QueueAlertCleared(Raised.Key, "machine", alert, SimulatedQueue.Start.AddMinutes(10)), TestContext.Current.CancellationToken);

        using var body = JsonDocument.Parse(Assert.Single(_calls).Body);
        var data = body.RootElement.GetProperty("data");
        Assert.Equal(["key", "instance", "alert", "message", "lastedSeconds"], data.EnumerateObject().Select(member => member.Name));
        Assert.Equal((600.0, "Over after 10 min: breaker 'payments' was not closed for 4 min and reopened 2 times; 5,000 messages waited, at least 5,002 calls were spared."),
            (data.GetProperty("lastedSeconds").GetDouble(), data.GetProperty("message").GetString()));
        var outage = data.GetProperty("alert").GetProperty("outage");
        Assert.Equal((2, 5_000, 5_002), (outage.GetProperty("reopens").GetInt32(), outage.GetProperty("messagesDelayed").GetInt32(), outage.GetProperty("callsSpared").GetInt32()));
        Assert.Equal("depth", data.GetProperty("alert").GetProperty("rule").GetString());
    }

    [Fact]
    public async Task An_alert_is_posted_signed_and_posted_again_after_an_error()
    {
        _answers.Enqueue(500);
        _answers.Enqueue(204);
        await using var services = Services();
        await services.GetRequiredService<WebhookAlertSink>().RaiseAsync(Raised, TestContext.Current.CancellationToken);

        Assert.Equal(2, _calls.Count);
        Assert.Single(_calls.Select(call => call.Id).Distinct());
        Assert.All(_calls, call => Assert.True(call.IsSignedWith(Secret)));
        using var body = JsonDocument.Parse(_calls.Last().Body);
        Assert.Equal("queue.alert.raised", body.RootElement.GetProperty("type").GetString());
        var alert = body.RootElement.GetProperty("data").GetProperty("alert");
        Assert.Equal(("Critical", "HalfOpen"), (alert.GetProperty("severity").GetString(), alert.GetProperty("breakerState").GetString()));
    }

    [Fact]
    public async Task A_refusal_is_not_repeated_and_its_error_shows_neither_secret_nor_path()
    {
        _answers.Enqueue(401);
        await using var services = Services();
        var sink = services.GetRequiredService<WebhookAlertSink>();
        var failure = await Assert.ThrowsAsync<HttpRequestException>(
            () => sink.ClearAsync(new QueueAlertCleared(Raised.Key, "machine", Raised.Alert, SimulatedQueue.Start), TestContext.Current.CancellationToken));
        Assert.Single(_calls);
        Assert.DoesNotContain("secret-path", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        _answers.Enqueue(status);
        await using var services = Services();
        await Assert.ThrowsAsync<HttpRequestException>(
            () => services.GetRequiredService<WebhookAlertSink>().RaiseAsync(Raised, TestContext.Current.CancellationToken));
        Assert.Single(_calls);
    }

    [Fact]
    public async Task A_server_that_hangs_is_given_up_in_time()
    {
        _answers.Enqueue(0);
        await using var services = Services(webhook => (webhook.Attempts, webhook.Timeout) = (1, TimeSpan.FromMilliseconds(200)));
        await Assert.ThrowsAsync<TimeoutRejectedException>(
            () => services.GetRequiredService<WebhookAlertSink>().RaiseAsync(Raised, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_endless_answer_is_not_read()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await AnsweringServer.StartAsync(async context =>
        {
            var chunk = new byte[64 * 1024];
            try
            {
                // The amount written proves nothing: after the reader has left, the server swallows the rest until this token.
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
                    await Task.Yield();
                }
            }
            catch (Exception exception) when (exception is OperationCanceledException or IOException)
            {
                // The reader has left.
            }

            left.TrySetResult();
        });
        await using var services = Services(webhook => webhook.Address = new Uri(server.Address, "/alerts").ToString());

        await services.GetRequiredService<WebhookAlertSink>().RaiseAsync(Raised, TestContext.Current.CancellationToken);

        await left.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Nothing_of_the_address_or_the_secret_is_logged()
    {
        _answers.Enqueue(500);
        _answers.Enqueue(204);
        var logs = new LogRecorder();
        await using var services = Services(configureLogging: logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs));
        await services.GetRequiredService<WebhookAlertSink>().RaiseAsync(Raised, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(logs.Lines, line => line.Text.Contains("secret-path", StringComparison.Ordinal) || line.Text.Contains(Secret, StringComparison.Ordinal));
    }

    ServiceProvider Services(Action<QueueWebhookOptions>? configure = null, Action<ILoggingBuilder>? configureLogging = null) => new ServiceCollection()
        .AddMessagingBreaker(breakers => breakers.WatchQueues(options =>
        {
            (options.Webhook.Address, options.Webhook.Secret) = (_address, Secret);
            configure?.Invoke(options.Webhook);
        }))
        .AddLogging(configureLogging ?? (_ => { }))
        .BuildServiceProvider();

    /// <summary>Gives the queued answers in turn; 0 is no answer.</summary>
    async Task ServeAsync()
    {
        while (_server.IsListening)
        {
            var context = await _server.GetContextAsync();
            using var reader = new StreamReader(context.Request.InputStream);
            _calls.Enqueue(new Call(
                context.Request.Headers["webhook-id"]!,
                context.Request.Headers["webhook-timestamp"]!,
                context.Request.Headers["webhook-signature"]!,
                await reader.ReadToEndAsync()));
            if (!_answers.TryDequeue(out var status) || status == 0)
                continue;
            context.Response.StatusCode = status;
            if (status is >= 300 and < 400)
                context.Response.RedirectLocation = _address + "-elsewhere";
            context.Response.Close();
        }
    }

    sealed record Call(string Id, string Timestamp, string Signature, string Body)
    {
        /// <summary>Checks the signature as the documentation tells receivers to.</summary>
        public bool IsSignedWith(string secret) => OrderService.Webhook.IsGenuine(secret, Id, Timestamp, Signature, Body, DateTimeOffset.UtcNow);
    }
}
