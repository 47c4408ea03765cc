using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;

namespace Messaging.Breaker.IntegrationTests.QueueDepth;

public sealed class SamplerTests(PrivateBrokerFixture broker) : IClassFixture<PrivateBrokerFixture>
{
    [Fact]
    public async Task A_broker_is_watched_again_after_it_was_down()
    {
        await using var worker = await TestWorker.StartAsync(
            broker.Node,
            services: services => services.AddMessagingBreaker(breakers => breakers.WatchQueues(options =>
            {
                options.SamplingInterval = TimeSpan.FromMilliseconds(100);
                options.StaleAfter = TimeSpan.FromSeconds(1);
            })));
        worker.Endpoints.Pause(worker.Queue, "test");
        await worker.SendAsync(0, 3);
        await Eventually.Is(() => worker.Monitor.Queues, queues => queues is [{ Ready: 3, Consumers: 0 }], "the queue to be sampled");
        await RabbitMqNode.SettleAsync();

        await broker.Node.KillAsync();
        await Eventually.Is(() => worker.Monitor.Queues.Count == 0, "the sample to be dropped");
        await broker.Node.StartAsync();
        await Eventually.Is(() => worker.Monitor.Queues, queues => queues is [{ Ready: 3 }], "the queue to be sampled again");
    }
}
