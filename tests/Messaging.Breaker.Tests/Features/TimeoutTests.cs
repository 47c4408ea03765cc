using MassTransit;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Features;

public class TimeoutTests
{
    [Fact]
    public async Task A_time_out_of_the_endpoint_publishes_no_fault_if_the_dependency_caused_it()
    {
        await using var pipeline = await Pipeline.StartAsync(
            (_, token) => Task.Delay(Timeout.Infinite, token),
            endpoint: endpoint => endpoint.UseTimeout(timeout => timeout.Timeout = TimeSpan.FromMilliseconds(50)));
        await pipeline.SendAsync(0, 16);
        await pipeline.UntilAsync(BreakerState.Open);
        await Elsewhere.RoundTripAsync(pipeline);
        pipeline.AssertNothingDeadLettered();
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 16, "all messages to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_time_out_that_cancels_an_attributed_call_counts_against_the_dependency()
    {
        await using var pipeline = await Pipeline.StartAsync(
            (_, token) => Task.Delay(Timeout.Infinite, token),
            endpoint: endpoint => endpoint.UseTimeout(timeout => timeout.Timeout = TimeSpan.FromMilliseconds(50)),
            consume: (pipeline, _, endpoint) => endpoint.Handler<Work>(async message => await pipeline.Breaker.ExecuteAsync(
                async token => await pipeline.HandleAsync(message.Message, token), message.CancellationToken)));
        await pipeline.SendAsync(0, 16);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "a trip");
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 16, "all messages to be handled");
        pipeline.AssertNothingDeadLettered();
    }
}
