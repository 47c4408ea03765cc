using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Transports;

/// <summary>What <see cref="BusBreakerOptions.AllowHolding"/> allows on a transport without an adapter.</summary>
public class HoldingTests
{
    [Fact]
    public async Task In_an_outage_messages_are_held_in_process_not_dead_lettered_and_handled_afterwards()
    {
        await using var pipeline = await StartAsync();
        pipeline.Dependency = Pipeline.Fails;
        await pipeline.SendAsync(0, 100);
        await pipeline.UntilAsync(BreakerState.Open);
        Assert.Equal(EndpointState.Paused, Assert.Single(pipeline.Endpoints.Endpoints).State);
        Assert.InRange(pipeline.Calls.Count, 10, Pipeline.Concurrency);

        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.GetSnapshot().Generation >= 5, "two rounds of probes");
        pipeline.AssertNothingDeadLettered();

        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 100, "every message to be handled");
        await pipeline.UntilAsync(BreakerState.Closed);
        Assert.Equal(EndpointState.Running, Assert.Single(pipeline.Endpoints.Endpoints).State);
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task An_operator_holds_an_endpoint_and_releases_it()
    {
        await using var pipeline = await StartAsync();
        pipeline.Endpoints.Pause(Pipeline.Queue, "test");
        await pipeline.SendAsync(0, 20);
        Assert.Equal(EndpointState.Paused, Assert.Single(pipeline.Endpoints.Endpoints).State);
        pipeline.Endpoints.Resume(Pipeline.Queue);
        await pipeline.UntilHandledAsync(20);
        pipeline.AssertNothingDeadLettered();
    }

    static Task<Pipeline> StartAsync() =>
        Pipeline.StartAsync(Pipeline.Works, transport: (bus, configure) => bus.SetBusFactory(new OtherBusFactory(configure)));
}
