namespace Messaging.Breaker.Tests.Sharing;

public class OperatorTests
{
    [Fact]
    public async Task An_isolation_and_its_release_apply_to_the_fleet()
    {
        var (fleet, one, two, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Breaker.Isolate("maintenance");
        await fleet.UntilAllAsync(BreakerState.Isolated);
        Assert.Equal("one: maintenance", two.Reason);
        await fleet.PassAsync(30);
        await fleet.UntilAllAsync(BreakerState.Isolated);

        two.Breaker.Release("done");
        await fleet.UntilAsync(() => one.Breaker.State == BreakerState.Open, "the others to be paused while one probes");
        Assert.Same(two, await fleet.UntilOneProbesAsync());
        two.Succeed();
        await fleet.UntilAllAsync(BreakerState.Closed);
    }

    [Fact]
    public async Task An_isolation_that_expires_is_followed_by_one_prober()
    {
        var (fleet, one, _, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Breaker.Isolate("maintenance", TimeSpan.FromSeconds(10));
        await fleet.UntilAllAsync(BreakerState.Isolated);
        (await fleet.UntilOneProbesAsync()).Succeed();
        await fleet.UntilAllAsync(BreakerState.Closed);
    }

    [Fact]
    public async Task A_trip_and_a_reset_apply_to_the_fleet()
    {
        var (fleet, one, two, _) = await FleetHarness.OfThreeAsync(options => options.TripQuorum = 1);
        await using var end = fleet;
        one.Breaker.Trip("deployment", TimeSpan.FromMinutes(5));
        await fleet.UntilAllAsync(BreakerState.Open);
        two.Breaker.Reset("over");
        await fleet.UntilAllAsync(BreakerState.Closed);
        Assert.Null(one.Breaker.GetSnapshot().RampLimit);
    }

    [Fact]
    public async Task A_mode_applies_to_the_fleet_and_to_instances_that_start_later()
    {
        var (fleet, one, two, three) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Breaker.Disable("false alarms");
        await fleet.UntilAsync(() => two.Breaker.Mode == BreakerMode.Disabled && three.Breaker.Mode == BreakerMode.Disabled, "all to be disabled");
        var four = await fleet.StartAsync("four");
        Assert.Equal(BreakerMode.Disabled, four.Breaker.Mode);
        four.Breaker.Shadow("try again");
        await fleet.UntilAsync(() => one.Breaker.Mode == BreakerMode.Shadow && two.Breaker.Mode == BreakerMode.Shadow, "all to be in shadow");
        two.Breaker.Enforce("fine");
        await fleet.UntilAsync(() => four.Breaker.Mode == BreakerMode.Enforcing && one.Breaker.Mode == BreakerMode.Enforcing, "all to enforce");
        Assert.Null(fleet.Store["payments"]!.Mode);
    }

    [Fact]
    public async Task An_operators_decision_made_without_the_store_comes_first_when_it_is_back()
    {
        var (fleet, one, two, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        two.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        fleet.Store.IsDown = true;
        one.Breaker.Isolate("maintenance");
        await fleet.PassAsync(3);
        fleet.Store.IsDown = false;
        await fleet.UntilAllAsync(BreakerState.Isolated);
    }
}
