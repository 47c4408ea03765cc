using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;

namespace Messaging.Breaker.IntegrationTests.Features;

public class ExpirationTests(BrokerFixture broker)
{
    [Fact]
    public async Task Messages_that_expire_during_a_pause_are_discarded_by_the_broker_and_not_used_as_probes()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, breakDuration: TimeSpan.FromMinutes(10));
        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(0);
        var endpoint = await worker.Bus.GetSendEndpoint(new Uri($"exchange:{worker.Queue}"));
        for (var number = 0; number < 5; number++)
            await endpoint.Send(new Work(number), context => context.TimeToLive = TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        await worker.UntilPausedAsync(0);

        worker.Breaker.Release("test");
        await worker.UntilConsumingAsync();
        Assert.Equal(BreakerState.HalfOpen, worker.Breaker.State);
        Assert.Equal(0, worker.Breaker.GetSnapshot().Window.Total);
        await worker.SendAsync(10, 2);
        await worker.UntilAsync(BreakerState.Closed);
        Assert.Equal(2, worker.Dependency.Handled);
    }
}
