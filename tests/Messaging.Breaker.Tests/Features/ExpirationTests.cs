using MassTransit;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Features;

public class ExpirationTests
{
    /// <summary>
    /// MassTransit hands it to the consumer, so it calls the dependency. Without a permit, it would escape the limit of half-open.
    /// </summary>
    [Fact]
    public async Task A_message_that_expires_after_it_was_delivered_is_handled_and_is_a_probe()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        pipeline.Breaker.Isolate("test");
        var endpoint = await pipeline.Bus.GetSendEndpoint(new Uri($"queue:{Pipeline.Queue}"));
        await endpoint.Send(new Work(0), context => context.TimeToLive = TimeSpan.FromMilliseconds(1), TestContext.Current.CancellationToken);
        await Elsewhere.RoundTripAsync(pipeline);
        pipeline.Breaker.Release("test");
        await pipeline.UntilHandledAsync(1);
        await Eventually.Is(() => pipeline.Breaker.GetSnapshot().Window.Total, total => total == 1, "the probe to be counted");
        pipeline.AssertNothingDeadLettered();
    }
}
