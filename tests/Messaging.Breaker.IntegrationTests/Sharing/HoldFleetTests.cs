using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Sharing;

public sealed class HoldFleetTests(BrokerFixture broker, RedisFixture redis) : IClassFixture<RedisFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pause_stops_all_workers_within_a_second_and_also_a_later_one_and_a_resume_restarts_all(bool overRedis)
    {
        await using var fleet = overRedis ? HoldFleet.OverRedis(broker.Node, redis.Node) : HoldFleet.OverBus(broker.Node);
        await fleet.AddAsync(3);
        await fleet.Workers[0].SendAsync(0, 50);
        await fleet.Workers[0].UntilHandledAsync(50);
        await fleet.UntilConsumersAsync(3);

        Assert.Equal(HoldOutcome.Fleet, await fleet.Workers[1].Endpoints.PauseAsync(fleet.Queue, "migrating", by: "anna"));
        Assert.InRange(await fleet.UntilConsumersAsync(0), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        await fleet.Workers[0].SendAsync(50, 50);
        var fourth = await fleet.AddAsync();
        Assert.Equal(("migrating", "anna", "w2"), fourth.Endpoints.Endpoints[0].Hold is { } hold ? (hold.Reason, hold.By, hold.Instance) : default);
        await fourth.UntilPausedAsync(50);
        await fleet.AssertNobodyConsumesAsync();
        Assert.False(await fleet.WasFirstDeliveredAsync());
        Assert.Equal(50, fleet.Dependency.Handled);

        Assert.Equal(HoldOutcome.Fleet, await fourth.Endpoints.ResumeAsync(fleet.Queue));
        await fleet.UntilConsumersAsync(4);
        await fourth.UntilHandledAsync(100);
        Assert.Equal(0, fleet.Dependency.Duplicates);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nobody_resumes_when_Redis_is_killed_or_loses_all_data(bool losesAll)
    {
        await using var fleet = HoldFleet.OverRedis(broker.Node, redis.Node);
        await fleet.AddAsync(3);
        await fleet.Workers[0].Endpoints.PauseAsync(fleet.Queue, "migrating");
        await fleet.UntilConsumersAsync(0);
        await fleet.Workers[0].SendAsync(0, 20);
        if (losesAll)
            await redis.Node.RunAsync("FLUSHALL");
        await redis.Node.KillAsync();
        await fleet.AssertNobodyConsumesAsync();
        Assert.Equal(HoldOutcome.FleetWhenStoreIsBack, await fleet.Workers[2].Endpoints.PauseAsync(fleet.Queue, "still migrating"));
        await redis.Node.StartAsync();
        await fleet.UntilAllHeldAsync("still migrating");
        await fleet.AssertNobodyConsumesAsync();
        Assert.True((await fleet.AddAsync()).Endpoints.Endpoints[0].Hold is { Reason: "still migrating" });

        await fleet.Workers[1].Endpoints.ResumeAsync(fleet.Queue);
        await fleet.UntilConsumersAsync(4);
        await fleet.Workers[0].UntilHandledAsync(20);
    }
}
