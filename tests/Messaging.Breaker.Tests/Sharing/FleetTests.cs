using System.Collections.Concurrent;
namespace Messaging.Breaker.Tests.Sharing;

public class FleetTests
{
    [Fact]
    public async Task A_trip_anywhere_opens_everywhere_with_its_reason_and_its_instance()
    {
        var (fleet, one, two, three) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        // A breaker is open a moment before it reports it.
        await fleet.UntilAsync(() => new[] { one, two, three }.All(instance => instance.Transitions.Count > 0), "each to report it");
        Assert.Equal("one: 10 failures or slow calls in a row", two.Reason);
        Assert.Equal((null, "one", "one"), (one.Transitions[0].Instance, two.Transitions[0].Instance, three.Transitions[0].Instance));
        Assert.Equal(TransitionCause.ConsecutiveFailures, two.Transitions[0].Cause);
    }

    [Fact]
    public async Task After_the_break_one_probes_for_all_and_all_close()
    {
        var (fleet, one, _, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        var prober = await fleet.UntilOneProbesAsync();
        var name = fleet.Store["payments"]!.Instance;
        await fleet.UntilAsync(() => fleet.Others(prober).All(other => other.Reason == $"{name} probes for the fleet"), "the others to know who probes");
        await fleet.PassAsync(8);
        Assert.All(fleet.Others(prober), other => Assert.Equal(BreakerState.Open, other.Breaker.State));

        prober.Succeed();
        await fleet.UntilAllAsync(BreakerState.Closed);
    }

    [Fact]
    public async Task A_fleet_pays_for_one_round_of_probes_and_breaks_grow_with_the_outage()
    {
        var (fleet, one, _, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Fail();
        var rounds = new HashSet<Instance>();
        // No break is longer than the first until the outage has lasted ten times as long.
        for (var round = 0; round < 12; round++)
        {
            var prober = await fleet.UntilOneProbesAsync();
            rounds.Add(prober);
            prober.Fail(3);
            // The clock stands still meanwhile: time that passes until then would be missing from the break that the store is told.
            await Eventually.Is(() => fleet.Store["payments"]!.State == BreakerState.Open, "the store to be updated");
        }

        Assert.True(rounds.Count > 1, "the same instance judged the dependency every time");
        Assert.True(fleet.Store["payments"]!.Length > one.Breaker.Options.BreakDuration);
    }

    [Fact]
    public async Task While_the_fleet_is_open_one_instance_asks_and_its_yes_ends_the_break_for_all()
    {
        await using var fleet = new FleetHarness();
        var (asking, isBack, instances) = (new ConcurrentDictionary<string, int>(), false, new List<Instance>());
        foreach (var name in (string[])["one", "two", "three"])
            instances.Add(await fleet.StartAsync(name, breaker: options =>
            {
                (options.BreakDuration, options.MaxBreakDuration) = (TimeSpan.FromHours(1), TimeSpan.FromHours(1));
                options.ProbeWith((_, _) =>
                {
                    asking.AddOrUpdate(name, 1, (_, times) => times + 1);
                    return Task.FromResult(Volatile.Read(ref isBack));
                });
            }));
        instances[0].Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        await fleet.UntilAsync(() => asking.Values.Sum() > 20, "the dependency to be asked for a while");
        Assert.Single(asking);

        Volatile.Write(ref isBack, true);
        var prober = await fleet.UntilOneProbesAsync();
        Assert.Equal("the probe succeeded", prober.Reason);
        prober.Succeed();
        await fleet.UntilAllAsync(BreakerState.Closed);
    }

    [Fact]
    public async Task A_dead_probers_lease_frees_itself_and_another_takes_over()
    {
        var (fleet, one, _, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        var prober = await fleet.UntilOneProbesAsync();
        await prober.CrashAsync();
        var next = await fleet.UntilOneProbesAsync();
        next.Succeed();
        await fleet.UntilAllAsync(BreakerState.Closed);
    }

    [Fact]
    public async Task A_prober_to_which_no_message_comes_lets_another_try()
    {
        var (fleet, one, _, _) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        var prober = await fleet.UntilOneProbesAsync();
        await fleet.UntilAsync(() => fleet.Others(prober).Any(other => other.Breaker.State == BreakerState.HalfOpen), "another to probe");
        Assert.Equal(BreakerState.Open, prober.Breaker.State);
    }

    [Fact]
    public async Task After_the_close_each_ramps_up_from_its_share()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one", breaker: options => options.Probes = 6);
        var two = await fleet.StartAsync("two", breaker: options => options.Probes = 6);
        await fleet.UntilAsync(() => one.Breaker.Instances == 2 && two.Breaker.Instances == 2, "the instances to know each other");
        one.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        (await fleet.UntilOneProbesAsync()).Succeed(6);
        await fleet.UntilAllAsync(BreakerState.Closed);
        Assert.Equal((3, 3), (one.Breaker.GetSnapshot().RampLimit, two.Breaker.GetSnapshot().RampLimit));
    }

    [Fact]
    public async Task An_instance_that_starts_during_an_outage_is_open_before_it_consumes()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        one.Fail();
        await fleet.UntilAsync(() => fleet.Store["payments"] is not null, "the store to be updated");
        var two = await fleet.StartAsync("two");
        Assert.Equal(BreakerState.Open, two.Breaker.State);
    }

    [Fact]
    public async Task A_state_that_only_the_store_remembers_applies_to_the_next_instance_that_starts()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        one.Fail();
        await fleet.UntilAsync(() => fleet.Store["payments"] is not null, "the store to be updated");
        await one.CrashAsync();
        await fleet.PassAsync(3);
        var two = await fleet.StartAsync("two");
        Assert.Equal(BreakerState.Open, two.Breaker.State);
        (await fleet.UntilOneProbesAsync()).Succeed();
        Assert.Equal(BreakerState.Closed, two.Breaker.State);
    }

    [Fact]
    public async Task A_lone_instance_pauses_only_itself_until_enough_agree()
    {
        var (fleet, one, two, three) = await FleetHarness.OfThreeAsync(options => options.TripQuorum = 0.5);
        await using var end = fleet;
        await fleet.UntilAsync(() => one.Breaker.Instances == 3 && two.Breaker.Instances == 3, "the instances to know each other");
        one.Fail();
        await fleet.PassAsync(1);
        Assert.Equal((BreakerState.Open, BreakerState.Closed, BreakerState.Closed), (one.Breaker.State, two.Breaker.State, three.Breaker.State));
        await fleet.UntilAsync(() => one.Breaker.State == BreakerState.HalfOpen, "it to probe for itself");
        one.Fail(3);
        await fleet.PassAsync(1);
        Assert.Null(fleet.Store["payments"]);

        two.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        (await fleet.UntilOneProbesAsync()).Succeed();
        await fleet.UntilAllAsync(BreakerState.Closed);
    }

    [Fact]
    public async Task A_lone_instance_comes_back_by_itself()
    {
        var (fleet, one, two, _) = await FleetHarness.OfThreeAsync(options => options.TripQuorum = 1);
        await using var end = fleet;
        await fleet.UntilAsync(() => one.Breaker.Instances == 3, "the instances to know each other");
        one.Fail();
        await fleet.UntilAsync(() => one.Breaker.State == BreakerState.HalfOpen, "it to probe for itself");
        one.Succeed();
        await fleet.UntilAllAsync(BreakerState.Closed);
        two.Fail();
        await fleet.PassAsync(1);
        Assert.Null(fleet.Store["payments"]);
    }

    [Fact]
    public async Task An_instance_in_shadow_neither_opens_the_fleet_nor_probes_for_it()
    {
        await using var fleet = new FleetHarness();
        var shadow = await fleet.StartAsync("shadow", breaker: options => options.Mode = BreakerMode.Shadow);
        var one = await fleet.StartAsync("one");
        shadow.Fail();
        await fleet.PassAsync(1);
        Assert.Equal((BreakerState.Open, BreakerState.Closed), (shadow.Breaker.State, one.Breaker.State));
        one.Fail();
        await fleet.UntilAsync(() => one.Breaker.State == BreakerState.HalfOpen, "the other to probe");
        Assert.Equal("one", fleet.Store["payments"]!.Instance);
    }

    [Fact]
    public async Task A_prober_that_has_closed_while_it_takes_the_lease_does_not_probe_again()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        one.Breaker.Isolate("maintenance");
        await fleet.UntilAsync(() => fleet.Store["payments"] is not null, "the store to be updated");
        fleet.Store.Leasing = () => one.Succeed(2);
        one.Breaker.Release("done");
        await fleet.UntilAsync(() => fleet.Store["payments"]!.State == BreakerState.Closed, "the store to record the close");
        Assert.Equal(BreakerState.Closed, one.Breaker.State);
        Assert.Equal([BreakerState.Isolated, BreakerState.HalfOpen, BreakerState.Closed], one.Transitions.Select(transition => transition.To));
    }
}
