using MassTransit;
using MassTransit.RabbitMqTransport;
using Messaging.Breaker.IntegrationTests.Channels;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using RabbitMQ.Client;

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
        await Eventually.Is(() => broker.Node.GetQueueAsync(worker.Queue), queue => queue is { Unacknowledged: 3 }, "three probes to be running");
        await broker.Node.KillAsync();
        stall.SetResult();
        await broker.Node.StartAsync();
        await worker.UntilHandledAsync(50);
        await worker.UntilAsync(BreakerState.Closed);
        await Eventually.Is(() => broker.Node.GetQueueAsync(worker.Queue), queue => queue is { Ready: 0, Unacknowledged: 0 }, "the queue to be empty");
        await worker.AssertNothingDeadLetteredAsync();
    }

    /// <summary>MassTransit waits for ever for a consumer whose channel is lost before the broker's answer arrives.</summary>
    [Fact]
    public async Task A_channel_lost_while_its_consumer_starts_does_not_block_the_resume()
    {
        var losses = 0;
        await using var worker = await TestWorker.StartAsync(broker.Node, endpoints: (test, context, rabbit) =>
            rabbit.ReceiveEndpoint(test.Queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.UseBreaker("first");
                endpoint.ConfigureConsumer<Worker>(context);
                endpoint.ConfigureChannel(channel => channel.UseFilter(new Decoration(started => Intercepted.Over(started, (method, call) =>
                {
                    if (method.Name != nameof(ChannelContext.BasicConsume) || Interlocked.CompareExchange(ref losses, 2, 1) != 1)
                        return call();
                    _ = started.Channel.CloseAsync(TestContext.Current.CancellationToken);
                    return Task.FromResult("lost");
                }))));
            }));
        worker.Breaker.Isolate("test");
        await worker.SendAsync(0, 5);
        await worker.UntilPausedAsync(5);
        losses++;
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(5);
        Assert.Equal(2, losses);
    }

    [Fact]
    public async Task A_resume_while_the_broker_is_down_succeeds_once_it_is_back()
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
