using MassTransit;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Features;

public class PartitionerTests
{
    /// <summary>It sends messages on from threads that know nothing of where they came from.</summary>
    [Fact]
    public async Task Messages_of_a_partitioner_are_guarded()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails, endpoint: endpoint => endpoint.UsePartitioner(
            4, (ConsumeContext message) => message.MessageId ?? Guid.Empty));
        await pipeline.SendAsync(0, 50);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "a trip");
        Assert.InRange(pipeline.Calls.Count, 10, Pipeline.Concurrency + 10);

        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 50, "all messages to be handled");
        pipeline.AssertNothingDeadLettered();
    }
}
