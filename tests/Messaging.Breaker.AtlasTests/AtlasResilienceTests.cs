using Messaging.Breaker.AtlasTests.Cases;
using Messaging.Breaker.AtlasTests.Rows;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.AtlasTests;

public class AtlasResilienceTests(BrokerFixture broker)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_resilience_handler_before_or_behind_the_breaker_dead_letters_nothing_while_some_calls_fail(bool isOutside)
    {
        await using var dependency = HttpRows.Flaky(0.15, isOutside);
        await using var worker = await AtlasWorker.StartAsync(broker.Node, dependency, isAttributed: true, prefetch: 32);
        await worker.SendAsync(2_000);
        await Eventually.Is(() => worker.Handled.Count, count => count == 2_000, "all messages to be handled", TimeSpan.FromMinutes(10));
        Assert.Equal((0, 0), (await worker.CountInErrorAsync(), worker.Faults));
    }
}
