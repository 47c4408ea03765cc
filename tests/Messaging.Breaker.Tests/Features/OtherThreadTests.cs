using MassTransit;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Features;

public class OtherThreadTests
{
    [Fact]
    public async Task Messages_that_a_filter_sends_on_from_a_thread_of_its_own_are_guarded()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails, endpoint: endpoint => endpoint.UseFilter(new OtherThread<ConsumeContext>()));
        await pipeline.SendAsync(0, 50);
        await pipeline.UntilAsync(BreakerState.Open);
        Assert.InRange(pipeline.Calls.Count, 10, Pipeline.Concurrency + 10);

        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 50, "all messages to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task Calls_that_name_their_breaker_find_the_message_on_that_thread()
    {
        await using var pipeline = await Pipeline.StartAsync(
            Pipeline.Fails,
            endpoint: endpoint => endpoint.UseFilter(new OtherThread<ConsumeContext>()),
            consume: (pipeline, _, endpoint) => endpoint.Handler<Work>(async message => await pipeline.Breaker.ExecuteAsync(
                async token => await pipeline.HandleAsync(message.Message, token), message.CancellationToken)));
        await pipeline.SendAsync(0, 50);
        await pipeline.UntilAsync(BreakerState.Open);
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 50, "all messages to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    /// <summary>Runs the rest on another thread without the caller's context, as some executors do.</summary>
    sealed class OtherThread<T> : IFilter<T> where T : class, PipeContext
    {
        public Task Send(T context, IPipe<T> next)
        {
            using (ExecutionContext.SuppressFlow())
                return Task.Run(() => next.Send(context));
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("otherThread");
    }
}
