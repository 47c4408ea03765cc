using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;

namespace Messaging.Breaker.IntegrationTests.Returns;

/// <summary>Queues that treat returned messages specially.</summary>
public class QueueKindTests(BrokerFixture broker)
{
    public static TheoryData<string> Kinds => [.. Arguments.Keys];

    static readonly Dictionary<string, (Version Since, Action<IRabbitMqReceiveEndpointConfigurator> Configure)> Arguments = new()
    {
        ["classic, priorities"] = (new Version(3, 0), endpoint => endpoint.EnablePriority(5)),
        ["quorum, delays what failed"] = (new Version(4, 3), endpoint => Delay(endpoint, "failed")),
        ["quorum, delays what is returned"] = (new Version(4, 3), endpoint => Delay(endpoint, "returned")),
        ["quorum, delays all"] = (new Version(4, 3), endpoint => Delay(endpoint, "all")),
        ["quorum, consumer time-out"] = (new Version(4, 3), LimitHandling),
    };

    /// <summary>A broker refuses an argument that it does not know.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_outage_loses_nothing_on_special_queues(string kind)
    {
        var (since, configure) = Arguments[kind];
        var isKnown = await broker.Node.GetVersionAsync() >= since;
        await using var worker = await TestWorker.StartAsync(
            broker.Node,
            breakDuration: TimeSpan.FromMilliseconds(100),
            endpoints: (test, context, rabbit) => rabbit.ReceiveEndpoint(test.Queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                if (isKnown)
                    configure(endpoint);
                endpoint.UseBreaker("first");
                endpoint.ConfigureConsumer<Worker>(context);
            }));
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 40);
        await worker.UntilReopenedAsync(8);
        worker.Dependency.IsDown = false;
        await worker.UntilHandledAsync(40);
        await worker.AssertNothingDeadLetteredAsync();
        Assert.Equal(0, worker.Dependency.Duplicates);
    }

    static void LimitHandling(IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        endpoint.SetQuorumQueue();
        endpoint.SetQueueArgument("x-consumer-timeout", 2_000);
    }

    static void Delay(IRabbitMqReceiveEndpointConfigurator endpoint, string type)
    {
        endpoint.SetQuorumQueue();
        endpoint.SetQueueArgument("x-delayed-retry-type", type);
        endpoint.SetQueueArgument("x-delayed-retry-min", 1_000);
    }
}
