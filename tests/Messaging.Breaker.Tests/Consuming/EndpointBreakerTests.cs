using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Consuming;

public class EndpointBreakerTests
{
    const string Name = "endpoint.work";

    [Fact]
    public async Task An_endpoint_whose_every_message_ends_in_error_pauses_and_says_why()
    {
        await using var pipeline = await StartAsync((_, _) => throw new InvalidDataException("Property 'Amount' is missing.\nat line 1"));
        await pipeline.SendAsync(0, 200);
        await UntilAsync(pipeline, BreakerState.Open);
        var own = pipeline.Breakers[Name].GetSnapshot();
        // More than twenty may fail: messages that are handled concurrently may end before the twentieth has opened the breaker.
        Assert.Matches("^[23][0-9] messages in a row ended in _error and none was handled, mostly InvalidDataException: Property 'Amount' is missing$", own.Reason);
        Assert.InRange(own.FailedCalls, 20, 20 + Pipeline.Concurrency);
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);
        Assert.Contains(pipeline.Endpoints.Endpoints, endpoint => endpoint.Breakers.Contains(Name) && endpoint.State == EndpointState.Paused);

        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled + pipeline.DeadLettered.Count == 200, "the others to be handled");
        Assert.InRange(pipeline.DeadLettered.Count, 20, 40);
        await UntilAsync(pipeline, BreakerState.Closed);
    }

    [Fact]
    public async Task While_the_endpoints_own_breaker_probes_failing_messages_are_returned()
    {
        await using var pipeline = await StartAsync(Pipeline.Fails);
        await pipeline.SendAsync(0, 100);
        await UntilAsync(pipeline, BreakerState.Open);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breakers[Name].GetSnapshot().Generation >= 9, "four rounds of probes");
        Assert.InRange(pipeline.DeadLettered.Count, 20, 40);
    }

    [Fact]
    public async Task A_message_that_is_handled_in_between_restarts_the_count()
    {
        await using var pipeline = await StartAsync((work, _) => work.Number % 15 == 0 ? Task.CompletedTask : throw new InvalidDataException());
        for (var number = 0; number < 60; number++)
        {
            await pipeline.SendAsync(number, 1);
            await Eventually.Is(() => pipeline.Handled + pipeline.DeadLettered.Count, done => done == number + 1, "the message to be done");
        }

        Assert.Equal(BreakerState.Closed, pipeline.Breakers[Name].State);
    }

    [Fact]
    public async Task A_message_that_is_retried_and_redelivered_counts_once()
    {
        await using var pipeline = await StartAsync(
            (_, _) => throw new InvalidDataException(),
            endpoint: endpoint =>
            {
                endpoint.UseDelayedRedelivery(redelivery => redelivery.Immediate(5));
                endpoint.UseMessageRetry(retry => retry.Immediate(5));
            });
        await pipeline.SendAsync(0, 1);
        await Eventually.Is(() => pipeline.DeadLettered.Count, count => count == 1, "the message in _error");
        Assert.Equal(36, pipeline.Calls.Count);
        Assert.Equal(1, pipeline.Breakers[Name].GetSnapshot().FailedCalls);
    }

    [Fact]
    public async Task It_guards_the_messages_of_consumers_that_no_breaker_guards()
    {
        await using var services = new ServiceCollection()
            .AddMessagingBreaker(breakers => breakers.Add("first"))
            .AddMassTransit(bus =>
            {
                bus.DisableUsageTelemetry();
                bus.UsingInMemory((context, memory) =>
                {
                    memory.UseMessagingBreaker(context);
                    memory.ReceiveEndpoint(Pipeline.Queue, endpoint =>
                    {
                        endpoint.Consumer(() => new Unguarded());
                        endpoint.Consumer(() => new Guarded());
                    });
                });
            })
            .BuildServiceProvider();
        var bus = services.GetRequiredService<IBusControl>();
        await bus.StartAsync(TestContext.Current.CancellationToken);
        var endpoint = await bus.GetSendEndpoint(new Uri($"queue:{Pipeline.Queue}"));
        for (var number = 0; number < 30; number++)
            await endpoint.Send(new Other(number), TestContext.Current.CancellationToken);
        var own = services.GetRequiredService<IBreakerRegistry>()[Name];
        await Eventually.Is(() => own.State, state => state == BreakerState.Open, "the endpoint's own breaker to open");
        await bus.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_breaker_in_shadow_puts_the_endpoints_own_breaker_in_shadow_too()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails, options => options.Mode = BreakerMode.Shadow);
        await pipeline.SendAsync(0, 60);
        await Eventually.Is(() => pipeline.DeadLettered.Count, count => count == 60, "the messages in _error");
        Assert.Equal(BreakerMode.Shadow, pipeline.Breakers[Name].Mode);
    }

    static Task<Pipeline> StartAsync(Func<Work, CancellationToken, Task> handle, Action<IReceiveEndpointConfigurator>? endpoint = null) =>
        Pipeline.StartAsync(handle, options => options.Ignore<IOException>().Ignore<InvalidDataException>(), endpoint);

    static Task UntilAsync(Pipeline pipeline, BreakerState state) => pipeline.PassTimeUntilAsync(
        () => pipeline.Breakers[Name].State == state, $"the endpoint's own breaker to be {state}");

    public sealed record Other(int Number);

    sealed class Unguarded : IConsumer<Other>
    {
        public Task Consume(ConsumeContext<Other> context) => throw new InvalidDataException();
    }

    [GuardedBy("first")]
    sealed class Guarded : IConsumer<Work>
    {
        public Task Consume(ConsumeContext<Work> context) => Task.CompletedTask;
    }
}
