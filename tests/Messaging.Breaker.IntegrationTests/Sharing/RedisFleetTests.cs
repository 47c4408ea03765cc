using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Sharing;

public sealed class RedisFleetTests(BrokerFixture broker, RedisFixture redis) : IClassFixture<RedisFixture>
{
    static readonly TimeSpan LongBreak = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task One_trip_pauses_all_and_one_probes_for_all()
    {
        await using var fleet = await RedisFleet.StartAsync(broker.Node, redis.Node, 3, TimeSpan.FromSeconds(2));
        var worker = fleet.Workers[0];
        await worker.SendAsync(0, 50);
        await worker.UntilHandledAsync(50);

        fleet.Dependency.IsDown = true;
        await worker.SendAsync(50, 300);
        await fleet.UntilAllAsync(BreakerState.Open);
        await worker.UntilPausedAsync(300);
        var calls = fleet.Dependency.CallsWhileDown;
        var stall = fleet.Dependency.Stall();
        fleet.Dependency.IsDown = false;
        await fleet.UntilOneProbesAsync();
        await Eventually.Is(
            () => broker.Node.GetQueueAsync(worker.Queue), queue => queue is { Unacknowledged: 3, Consumers: 1 }, "three probes of one worker to be running");

        stall.SetResult();
        await fleet.UntilAllAsync(BreakerState.Closed);
        await worker.UntilHandledAsync(350);
        Assert.InRange(calls, 10, 60);
        Assert.Equal(0, fleet.Dependency.Duplicates);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_worker_that_starts_while_the_fleet_is_open_calls_nothing_before_a_probe_has_succeeded(bool allHaveEnded)
    {
        await using var fleet = await RedisFleet.StartAsync(broker.Node, redis.Node, 1, LongBreak);
        fleet.Dependency.IsDown = true;
        await fleet.Workers[0].SendAsync(0, 100);
        await fleet.UntilAllAsync(BreakerState.Open);
        await fleet.Workers[0].UntilPausedAsync(100);
        await fleet.UntilSharedAsync(BreakerState.Open);
        if (allHaveEnded)
            await fleet.RemoveAllAsync();

        var calls = fleet.Dependency.CallsWhileDown;
        var late = await fleet.AddAsync();
        Assert.Equal(BreakerState.Open, late.Breaker.State);
        await late.UntilPausedAsync(100);
        Assert.Equal(calls, fleet.Dependency.CallsWhileDown);

        fleet.Dependency.IsDown = false;
        late.Breaker.Reset("test");
        await late.UntilHandledAsync(100);
    }

    [Fact]
    public async Task An_operators_decision_holds_on_every_worker()
    {
        await using var fleet = await RedisFleet.StartAsync(broker.Node, redis.Node, 3);
        fleet.Workers[0].Breaker.Isolate("maintenance");
        await fleet.UntilAllAsync(BreakerState.Isolated);
        await fleet.Workers[2].SendAsync(0, 20);
        await fleet.Workers[2].UntilPausedAsync(20);
        fleet.Workers[1].Breaker.Release("done");
        await fleet.UntilAllAsync(BreakerState.Closed);
        await fleet.Workers[2].UntilHandledAsync(20);
    }
}
