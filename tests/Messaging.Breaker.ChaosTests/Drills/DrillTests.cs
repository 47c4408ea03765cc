using Messaging.Breaker.ChaosTests.Stores;

namespace Messaging.Breaker.ChaosTests.Drills;

public sealed class DrillTests(UsualTickBroker broker) : IClassFixture<UsualTickBroker>
{
    [Theory]
    [InlineData("classic", 1, SharedStore.None)]
    [InlineData("quorum", 2, SharedStore.Redis)]
    [InlineData("quorum", 2, SharedStore.Bus)]
    public async Task A_drill_survives_its_broker_and_leaves_nothing_behind(string queueType, int instances, SharedStore store)
    {
        var node = await broker.GetNodeAsync();
        var before = await BrokerContents.ReadAsync(node);
        await using var redis = store is SharedStore.Redis ? await RedisNode.StartNewAsync() : null;
        using var drill = DrillProcess.Start(node, queueType, instances, store is SharedStore.Bus ? "bus" : redis is null ? null : $"redis://{redis.Address}");

        await drill.UntilPaymentsIsDownAsync();
        await node.KillAsync();
        await node.StartAsync();
        var figures = await drill.EndAsync();

        Assert.Equal((figures.Published - 1, 1), (figures.Handled, figures.PoisonDeadLettered));
        Assert.Equal((0, 0, 0), (figures.Lost, figures.DeadLettered, figures.StillQueued));
        Assert.Equal(before, await BrokerContents.ReadAsync(node));
        if (redis is not null)
            Assert.Empty(await BrokerContents.ReadKeysAsync(redis));
    }
}
