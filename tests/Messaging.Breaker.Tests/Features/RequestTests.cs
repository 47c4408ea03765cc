using MassTransit;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Features;

public sealed record WorkResult(int Number);

public class RequestTests
{
    [Theory]
    [InlineData(BreakerState.Isolated)]
    [InlineData(BreakerState.Open)]
    public async Task A_refused_request_that_may_fail_fast_is_answered_at_once_with_the_breaker_and_the_time(BreakerState state)
    {
        await using var pipeline = await StartAsync(Pipeline.Works);
        if (state == BreakerState.Open)
            pipeline.Breaker.Trip("test");
        else
            pipeline.Breaker.Isolate("test", TimeSpan.FromSeconds(5));
        var exception = await FailAsync(pipeline, 1);
        Assert.Equal(typeof(BreakerOpenException).FullName, exception.ExceptionType);
        Assert.Equal("first", exception.Data!["Breaker"]);
        Assert.Equal(TimeSpan.FromSeconds(5), TimeSpan.Parse(exception.Data["RetryAfter"].ToString()!, null));
        Assert.Empty(pipeline.Calls);
        pipeline.AssertNothingDeadLettered();

        pipeline.Breaker.Reset("test");
        Assert.Equal(1, (await AskAsync(pipeline, 1)).Message.Number);
        Assert.Single(pipeline.Calls);
    }

    [Fact]
    public async Task Requests_that_meet_an_outage_are_answered_and_neither_retried_nor_dead_lettered()
    {
        await using var pipeline = await StartAsync(Pipeline.Fails);
        var requests = Enumerable.Range(0, 20).Select(number => FailAsync(pipeline, number)).ToList();
        await pipeline.PassTimeUntilAsync(() => requests.TrueForAll(request => request.IsCompleted), "all requests to be answered");
        var answers = await Task.WhenAll(requests);
        Assert.All(answers, answer => Assert.True(answer.ExceptionType == typeof(IOException).FullName || answer.ExceptionType == typeof(BreakerOpenException).FullName));
        Assert.NotEqual(BreakerState.Closed, pipeline.Breaker.State);
        Assert.Empty(pipeline.DeadLettered);
    }

    [Fact]
    public async Task Without_the_option_a_request_waits_for_the_dependency()
    {
        await using var pipeline = await StartAsync(Pipeline.Works, failFast: false);
        pipeline.Breaker.Isolate("test");
        var request = AskAsync(pipeline, 1);
        await Elsewhere.RoundTripAsync(pipeline);
        Assert.False(request.IsCompleted);
        pipeline.Breaker.Reset("test");
        Assert.Equal(1, (await request).Message.Number);
    }

    [Fact]
    public async Task A_message_that_is_no_request_is_kept_where_requests_fail_fast()
    {
        await using var pipeline = await StartAsync(Pipeline.Works);
        pipeline.Breaker.Isolate("test");
        await pipeline.SendAsync(0, 5);
        await Elsewhere.RoundTripAsync(pipeline);
        Assert.Empty(pipeline.Calls);
        pipeline.Breaker.Reset("test");
        await pipeline.UntilHandledAsync(5);
        pipeline.AssertNothingDeadLettered();
    }

    static Task<Pipeline> StartAsync(Func<Work, CancellationToken, Task> dependency, bool failFast = true) => Pipeline.StartAsync(
        dependency,
        options => options.FailFastRequests = failFast,
        consume: (pipeline, context, endpoint) =>
        {
            endpoint.UseMessageRetry(retry => retry.Immediate(3));
            endpoint.UseInMemoryOutbox(context);
            endpoint.Handler<Work>(async message =>
            {
                await pipeline.HandleAsync(message.Message, message.CancellationToken);
                if (message.RequestId is not null)
                    await message.RespondAsync(new WorkResult(message.Message.Number));
            });
        });

    static Task<Response<WorkResult>> AskAsync(Pipeline pipeline, int number) => pipeline.Bus
        .CreateRequestClient<Work>(new Uri($"queue:{Pipeline.Queue}")).GetResponse<WorkResult>(new Work(number), TestContext.Current.CancellationToken);

    static async Task<ExceptionInfo> FailAsync(Pipeline pipeline, int number) =>
        (await Assert.ThrowsAsync<RequestFaultException>(() => AskAsync(pipeline, number))).Fault!.Exceptions[0];
}
