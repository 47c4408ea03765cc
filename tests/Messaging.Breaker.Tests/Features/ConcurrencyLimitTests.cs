using MassTransit;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Features;

public class ConcurrencyLimitTests
{
    [Theory]
    [InlineData(Limit.OfTheEndpoint)]
    [InlineData(Limit.OfTheConsumer)]
    public async Task Messages_that_wait_for_a_limit_when_the_breaker_opens_do_not_reach_the_dependency(Limit limit)
    {
        var stall = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pipeline = await Pipeline.StartAsync(
            (_, _) => stall.Task,
            consume: (pipeline, _, endpoint) =>
            {
                if (limit == Limit.OfTheConsumer)
                {
                    endpoint.Consumer(() => new Worker(pipeline), consumer => consumer.ConcurrentMessageLimit = 1);
                    return;
                }

                endpoint.UseConcurrencyLimit(1);
                endpoint.Handler<Work>(message => pipeline.HandleAsync(message.Message, message.CancellationToken));
            });
        await pipeline.SendAsync(0, 10);
        await Eventually.Is(() => pipeline.UnderWay, underWay => underWay == 1, "the first message to be under way");
        pipeline.Breaker.Isolate("test");
        stall.SetResult();
        await pipeline.UntilHandledAsync(1);
        await Elsewhere.RoundTripAsync(pipeline);
        Assert.Single(pipeline.Calls);

        pipeline.Breaker.Reset("test");
        await pipeline.UntilHandledAsync(10);
        pipeline.AssertNothingDeadLettered();
    }

    public enum Limit
    {
        OfTheEndpoint,
        OfTheConsumer,
    }

    sealed class Worker(Pipeline pipeline) : IConsumer<Work>
    {
        public Task Consume(ConsumeContext<Work> context) => pipeline.HandleAsync(context.Message, context.CancellationToken);
    }
}
