using System.Globalization;
using System.Net;
using Messaging.Breaker.Breakers;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Consuming;

public class AdmissionTests
{
    [Fact]
    public async Task Half_open_handles_as_many_messages_at_once_as_it_has_probes()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pipeline = await Pipeline.StartAsync((_, _) => gate.Task);
        pipeline.Breaker.Isolate("test");
        await pipeline.SendAsync(0, 50);
        pipeline.Breaker.Release("test");
        await Eventually.Is(() => pipeline.UnderWay, underWay => underWay == 3, "three probes");
        gate.SetResult();
        await pipeline.UntilHandledAsync(50);
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);
    }

    [Fact]
    public async Task An_operators_hold_ends_with_its_expiry()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        pipeline.Endpoints.Pause(Pipeline.Queue, "test", TimeSpan.FromMinutes(1));
        await pipeline.SendAsync(0, 5);
        Assert.Equal(EndpointState.Paused, pipeline.Endpoints.Endpoints[0].State);
        Assert.Empty(pipeline.Calls);

        pipeline.Clock.Advance(TimeSpan.FromMinutes(1));
        await pipeline.UntilHandledAsync(5);
        Assert.Null(pipeline.Endpoints.Endpoints[0].Hold);
    }

    [Fact]
    public async Task A_message_that_waits_for_one_guard_does_not_keep_taking_the_others_permits()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works, endpoint: endpoint => endpoint.UseBreaker("second"));
        var registry = pipeline.Services.GetRequiredService<BreakerRegistry>();
        var (first, second) = (registry.Get("first"), registry.Get("second"));
        foreach (var breaker in new[] { first, second })
        {
            breaker.Isolate("test");
            breaker.Release("test");
        }

        var elsewhere = Enumerable.Range(0, 3).Select(_ => second.TryAcquire()).ToList();
        var arrived = first.Changed;
        await pipeline.SendAsync(0, 1);
        await arrived.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var changed = Task.CompletedTask;
        await Eventually.Is(
            () =>
            {
                var before = changed;
                changed = first.Changed;
                return before;
            },
            before => !before.IsCompleted,
            "the permits of the first breaker to stay untouched for a moment");

        foreach (var permit in elsewhere)
            second.GiveBack(permit);
        await pipeline.UntilHandledAsync(1);
    }

    [Fact]
    public async Task A_message_needs_the_permit_of_every_guard()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works, endpoint: endpoint => endpoint.UseBreaker("second"));
        pipeline.Breakers["first"].Isolate("test");
        pipeline.Breakers["second"].Isolate("test");
        await pipeline.SendAsync(0, 5);
        pipeline.Breakers["first"].Reset("test");
        Assert.Empty(pipeline.Calls);
        pipeline.Breakers["second"].Reset("test");
        await pipeline.UntilHandledAsync(5);
    }

    [Fact]
    public async Task A_stopped_bus_does_not_wait_for_messages_that_are_held()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        pipeline.Breaker.Isolate("test");
        await pipeline.SendAsync(0, 5);
        await pipeline.Bus.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(pipeline.Calls);
    }

    [Fact]
    public async Task A_server_that_asks_for_a_break_gets_it_for_as_long_as_it_asks()
    {
        using var server = new Server { Status = HttpStatusCode.ServiceUnavailable, RetryAfter = TimeSpan.FromSeconds(40) };
        await using var pipeline = await StartWithServerAsync(server);
        await pipeline.SendAsync(0, 1);
        await pipeline.UntilAsync(BreakerState.Open);
        Assert.Equal(1, server.Requests);

        server.Status = HttpStatusCode.OK;
        pipeline.Clock.Advance(TimeSpan.FromSeconds(39));
        Assert.Equal(BreakerState.Open, pipeline.Breaker.State);
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 1, "the message to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task Calls_of_a_client_trip_its_breaker_though_the_handler_swallows_their_failure()
    {
        using var server = new Server { Status = HttpStatusCode.InternalServerError };
        await using var pipeline = await StartWithServerAsync(server, ensureSuccess: false);
        await pipeline.SendAsync(0, 10);
        await pipeline.UntilAsync(BreakerState.Open);
        Assert.Equal(10, server.Requests);
    }

    [Fact]
    public async Task A_client_error_of_a_few_messages_is_their_own_fault()
    {
        using var server = new Server { IsRejected = number => number % 20 == 7 };
        await using var pipeline = await StartWithServerAsync(server);
        for (var sent = 0; pipeline.DeadLettered.Count < 5; sent += 20)
        {
            Assert.InRange(sent, 0, 1_000);
            await pipeline.SendAsync(sent, 20);
            await pipeline.UntilHandledAsync((sent / 20 + 1) * 19);
        }

        Assert.All(pipeline.DeadLettered, number => Assert.Equal(7, number % 20));
        Assert.Equal(1, pipeline.Breaker.GetSnapshot().Generation);
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Unauthorized)]
    public async Task A_client_error_of_every_message_is_an_outage(HttpStatusCode status)
    {
        using var server = new Server { Status = status };
        await using var pipeline = await StartWithServerAsync(server);
        await pipeline.SendAsync(0, 30);
        await pipeline.UntilAsync(BreakerState.Open);
        server.Status = HttpStatusCode.OK;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 30, "all messages to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    static async Task<Pipeline> StartWithServerAsync(Server server, bool ensureSuccess = true)
    {
        var pipeline = await Pipeline.StartAsync(
            Pipeline.Works,
            services: services => services.AddHttpClient("payments").AddBreaker("first").ConfigurePrimaryHttpMessageHandler(() => server));
        var clients = pipeline.Services.GetRequiredService<IHttpClientFactory>();
        pipeline.Dependency = async (work, token) =>
        {
            using var response = await clients.CreateClient("payments").GetAsync(new Uri($"http://payments/{work.Number}"), token);
            if (ensureSuccess)
                response.EnsureSuccessStatusCode();
        };
        return pipeline;
    }

    sealed class Server : HttpMessageHandler
    {
        int _requests;

        public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

        public Func<int, bool> IsRejected { get; init; } = _ => false;

        public TimeSpan? RetryAfter { get; init; }

        public int Requests => Volatile.Read(ref _requests);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            var number = int.Parse(request.RequestUri!.AbsolutePath.AsSpan(1), CultureInfo.InvariantCulture);
            var response = new HttpResponseMessage(IsRejected(number) ? HttpStatusCode.BadRequest : Status);
            if (RetryAfter is { } delay)
                response.Headers.RetryAfter = new System.Net.Http.Headers.RetryConditionHeaderValue(delay);
            return Task.FromResult(response);
        }
    }
}
