using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>Redis crashes in each state of the fleet's breaker.</summary>
public sealed class RedisLossTests(BrokerFixture broker, RedisFixture redis) : IClassFixture<RedisFixture>
{
    [Fact]
    public async Task A_crash_of_Redis_while_the_breaker_is_closed_disturbs_nothing()
    {
        await using var fleet = await RedisFleet.StartAsync(broker.Node, redis.Node, 3);
        await redis.Node.KillAsync();
        await fleet.Workers[0].SendAsync(0, 100);
        await fleet.Workers[0].UntilHandledAsync(100);
        await redis.Node.StartAsync();

        fleet.Workers[1].Breaker.Isolate("test");
        await fleet.UntilAllAsync(BreakerState.Isolated);
        await fleet.UntilSharedAsync(BreakerState.Isolated);
    }

    [Fact]
    public async Task A_crash_of_Redis_during_a_break_does_not_prevent_the_recovery()
    {
        await using var fleet = await RedisFleet.StartAsync(broker.Node, redis.Node, 3, TimeSpan.FromSeconds(2));
        fleet.Dependency.IsDown = true;
        await fleet.Workers[0].SendAsync(0, 200);
        await fleet.UntilAllAsync(BreakerState.Open);
        await redis.Node.KillAsync();
        fleet.Dependency.IsDown = false;
        await fleet.Workers[0].UntilHandledAsync(200);

        await redis.Node.StartAsync();
        await fleet.UntilSharedAsync(BreakerState.Closed);
        await fleet.UntilAllAsync(BreakerState.Closed);
        await fleet.Workers[0].AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task A_crash_of_Redis_while_one_worker_probes_lets_all_workers_probe()
    {
        await using var fleet = await RedisFleet.StartAsync(broker.Node, redis.Node, 3, TimeSpan.FromSeconds(2));
        fleet.Dependency.IsDown = true;
        await fleet.Workers[0].SendAsync(0, 200);
        await fleet.UntilAllAsync(BreakerState.Open);
        var stall = fleet.Dependency.Stall();
        fleet.Dependency.IsDown = false;
        await fleet.UntilOneProbesAsync();
        await redis.Node.KillAsync();
        await fleet.UntilAllAsync(BreakerState.HalfOpen);
        stall.SetResult();
        await fleet.Workers[0].UntilHandledAsync(200);

        await redis.Node.StartAsync();
        await fleet.UntilSharedAsync(BreakerState.Closed);
        await fleet.UntilAllAsync(BreakerState.Closed);
        await fleet.Workers[0].AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task A_crash_of_Redis_loses_no_state()
    {
        await using var fleet = await RedisFleet.StartAsync(broker.Node, redis.Node, 1);
        fleet.Workers[0].Breaker.Isolate("maintenance", TimeSpan.FromHours(1));
        await fleet.UntilSharedAsync(BreakerState.Isolated);
        await fleet.RemoveAllAsync();
        await redis.Node.KillAsync();
        await redis.Node.StartAsync();
        var late = await fleet.AddAsync();
        Assert.Equal((BreakerState.Isolated, "w1: maintenance"), (late.Breaker.State, late.Breaker.GetSnapshot().Reason));
    }

    [Fact]
    public async Task A_worker_starts_and_handles_although_Redis_hangs()
    {
        await using var fleet = new RedisFleet(broker.Node, redis.Node);
        await redis.Node.PauseAsync();
        var worker = await fleet.AddAsync();
        await worker.SendAsync(0, 50);
        await worker.UntilHandledAsync(50);
        await redis.Node.ResumeAsync();
        worker.Breaker.Isolate("test");
        await fleet.UntilSharedAsync(BreakerState.Isolated);
    }
}
