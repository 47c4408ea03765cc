namespace Messaging.Breaker.Tests.Sharing;

public class StoreLossTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_the_store_each_instance_goes_on_by_itself_and_logs_it_once(bool hangs)
    {
        var (fleet, one, two, three) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        TaskCompletionSource? hang = null;
        if (hangs)
            hang = fleet.Store.Hang();
        else
            fleet.Store.IsDown = true;
        foreach (var instance in new[] { one, two, three })
            instance.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        await fleet.UntilAllAsync(BreakerState.HalfOpen);
        foreach (var instance in new[] { one, two, three })
            instance.Succeed();
        await fleet.UntilAllAsync(BreakerState.Closed);
        await fleet.UntilAsync(() => one.Log.Count("The fleet's store is out of reach") == 1, "the loss to be logged");
        await fleet.PassAsync(5);

        fleet.Store.IsDown = false;
        hang?.SetResult();
        await fleet.UntilAsync(() => one.Log.Count("store is back") == 1, "the return to be logged");
        Assert.Equal(1, one.Log.Count("The fleet's store is out of reach"));
        two.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
    }

    [Fact]
    public async Task A_fleet_that_closed_without_the_store_stays_closed_when_it_is_back()
    {
        var (fleet, one, two, three) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        fleet.Store.IsDown = true;
        await fleet.UntilAllAsync(BreakerState.HalfOpen);
        foreach (var instance in new[] { one, two, three })
            instance.Succeed();
        fleet.Store.IsDown = false;
        await fleet.UntilAsync(() => fleet.Store["payments"]!.State == BreakerState.Closed, "the store to be updated");
        await fleet.UntilAllAsync(BreakerState.Closed);
    }

    [Fact]
    public async Task An_instance_that_probes_alone_becomes_the_fleets_prober_when_the_store_is_back()
    {
        var (fleet, one, _, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        fleet.Store.IsDown = true;
        await fleet.UntilAllAsync(BreakerState.HalfOpen);
        fleet.Store.IsDown = false;
        await fleet.UntilAsync(() => fleet.Store["payments"]!.State == BreakerState.HalfOpen, "the store to be updated");
        await fleet.UntilAsync(() => fleet.Probing == 1, "one to go on probing");
    }

    [Fact]
    public async Task The_fleets_prober_goes_on_after_the_store_was_out_of_reach()
    {
        var (fleet, one, _, _) = await FleetHarness.OfThreeAsync(options => options.ProbeLease = TimeSpan.FromMinutes(1));
        await using var end = fleet;
        one.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        var prober = await fleet.UntilOneProbesAsync();
        fleet.Store.IsDown = true;
        await fleet.UntilAllAsync(BreakerState.HalfOpen);
        fleet.Store.IsDown = false;
        await fleet.UntilAsync(() => fleet.Probing == 1, "one to go on probing");
        (await fleet.UntilOneProbesAsync()).Succeed();
        await fleet.UntilAllAsync(BreakerState.Closed);
    }

    [Fact]
    public async Task A_store_that_lost_its_data_is_told_of_the_state_again()
    {
        var (fleet, one, two, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Breaker.Isolate("maintenance", TimeSpan.FromHours(1));
        await fleet.UntilAllAsync(BreakerState.Isolated);
        await fleet.PassAsync(60);
        fleet.Store.Forget();
        await fleet.UntilAsync(() => fleet.Store["payments"] is { State: BreakerState.Isolated }, "the store to be updated again");
        Assert.Equal("one", fleet.Store["payments"]!.Instance);
        Assert.InRange(fleet.Store["payments"]!.Length!.Value, TimeSpan.FromMinutes(58), TimeSpan.FromMinutes(59));
        two.Breaker.Reset("over");
        await fleet.UntilAllAsync(BreakerState.Closed);
    }

    [Fact]
    public async Task A_decision_made_in_a_rebuilt_store_is_followed_even_if_its_version_is_the_same()
    {
        var (fleet, one, two, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Breaker.Isolate("maintenance");
        await fleet.UntilAllAsync(BreakerState.Isolated);
        fleet.Store.Forget(fleet.Store["payments"]! with { Instance = "four", State = BreakerState.Closed, Reason = "over" });
        await fleet.UntilAllAsync(BreakerState.Closed);
        Assert.Equal("four: over", two.Reason);
    }

    [Fact]
    public async Task A_store_that_refuses_every_change_is_reported_once()
    {
        var (fleet, one, _, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        fleet.Store.IsReadOnly = true;
        one.Breaker.Isolate("maintenance"); // An isolation lasts. A break would end, and for a moment nothing might be left to report.
        await fleet.UntilAsync(() => one.Log.Count("The fleet's store is out of reach") == 1, "the loss to be logged");
        await fleet.PassAsync(10);
        Assert.Equal((1, 0), (one.Log.Count("The fleet's store is out of reach"), one.Log.Count("store is back")));
        fleet.Store.IsReadOnly = false;
        await fleet.UntilAsync(() => one.Log.Count("store is back") == 1, "the return to be logged");
    }

    [Fact]
    public async Task An_instance_starts_without_the_store_after_a_while()
    {
        await using var fleet = new FleetHarness();
        _ = fleet.Store.Hang();
        var one = await fleet.StartAsync("one", isToWait: false);
        await fleet.UntilAsync(() => one.HasStarted, "the start to go on");
        Assert.Equal((1, 1), (one.Log.Count("without knowing"), one.Log.Count("The fleet's store is out of reach")));
        one.Fail();
        Assert.Equal(BreakerState.Open, one.Breaker.State);
    }

    [Fact]
    public async Task A_quiet_fleet_costs_the_store_a_heartbeat_for_each_instance_and_half_as_many_reports()
    {
        var (fleet, _, _, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        await fleet.PassAsync(1);
        var calls = fleet.Store.Calls;
        await fleet.PassAsync(100);
        Assert.InRange(fleet.Store.Calls - calls, 40, 51);
    }

    [Fact]
    public async Task A_decision_made_after_an_answer_was_lost_is_not_taken_for_an_older_one()
    {
        var (fleet, one, two, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        fleet.Store.IsMute = true;
        one.Breaker.Isolate("maintenance");
        await fleet.UntilAllAsync(BreakerState.Isolated);
        one.Breaker.Reset("over");
        fleet.Store.IsMute = false;
        await fleet.UntilAllAsync(BreakerState.Closed);
        Assert.Equal("one: over", two.Reason);
    }

    [Fact]
    public async Task A_decision_that_was_stored_although_the_answer_was_lost_is_not_stored_twice()
    {
        var (fleet, one, _, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        fleet.Store.IsMute = true;
        one.Breaker.Isolate("maintenance");
        await fleet.UntilAllAsync(BreakerState.Isolated);
        fleet.Store.IsMute = false;
        await fleet.UntilAsync(() => one.Log.Count("store is back") == 1, "the store to be back");
        await fleet.PassAsync(2);
        Assert.Equal(1, fleet.Store["payments"]!.Version);
    }
}
