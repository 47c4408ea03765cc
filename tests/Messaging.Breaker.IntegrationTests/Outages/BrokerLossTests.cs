using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Outages;

public class BrokerLossTests(PrivateBrokerFixture broker) : IClassFixture<PrivateBrokerFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_lost_while_paused_costs_nothing(bool quorum)
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, quorum);
        worker.Breaker.Isolate("test");
        await worker.SendAsync(0, 50);
        await worker.UntilPausedAsync(50);
        await RabbitMqNode.SettleAsync();
        await broker.Node.KillAsync();
        await broker.Node.StartAsync();
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(50);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_lost_with_probes_under_way_costs_nothing(bool quorum)
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, quorum);
        worker.Breaker.Isolate("test");
        await worker.SendAsync(0, 50);
        await worker.UntilPausedAsync(50);
        await RabbitMqNode.SettleAsync();
        var stall = worker.Dependency.Stall();
        worker.Breaker.Release("test");
        await Eventually.Is(() => broker.Node.GetQueueAsync(worker.Queue), queue => queue is { Unacknowledged: 3 }, "three probes to be under way");
        await broker.Node.KillAsync();
        stall.SetResult();
        await broker.Node.StartAsync();
        await worker.UntilHandledAsync(50);
        await worker.UntilAsync(BreakerState.Closed);
        await Eventually.Is(() => broker.Node.GetQueueAsync(worker.Queue), queue => queue is { Ready: 0, Unacknowledged: 0 }, "the queue to be empty");
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task A_resume_while_the_broker_is_away_succeeds_when_it_is_back()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node);
        worker.Breaker.Isolate("test");
        await worker.SendAsync(0, 50);
        await worker.UntilPausedAsync(50);
        await broker.Node.StopAsync();
        worker.Breaker.Release("test");
        await broker.Node.StartAsync();
        await worker.UntilHandledAsync(50);
        await worker.UntilAsync(BreakerState.Closed);
    }
}
