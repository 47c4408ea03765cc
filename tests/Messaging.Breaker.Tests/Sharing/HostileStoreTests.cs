namespace Messaging.Breaker.Tests.Sharing;

/// <summary>A store that holds, announces or answers something that no member of the fleet has decided.</summary>
public class HostileStoreTests
{
    public static TheoryData<string> Unbelievable => ["largest version", "negative version", "state", "mode", "cause", "no reason", "no instance", "length"];

    [Theory]
    [MemberData(nameof(Unbelievable))]
    public async Task A_state_that_is_not_credible_is_skipped_and_does_not_flood_the_store_with_calls(string what)
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        fleet.Store.Forget(Spoil(new SharedBreakerState
        {
            Breaker = "payments",
            Version = 3,
            State = BreakerState.Isolated,
            Cause = TransitionCause.Operator,
            Reason = "forged",
            Instance = "nobody",
            Age = TimeSpan.Zero,
        }, what));
        await fleet.UntilAsync(() => one.Log.Count("is not credible") == 1, "the state to be found not credible");
        Assert.Equal(BreakerState.Closed, one.Breaker.State);

        var calls = fleet.Store.Calls;
        one.Breaker.Isolate("maintenance");
        await fleet.PassAsync(10);
        Assert.Equal((BreakerState.Isolated, "maintenance"), (one.Breaker.State, one.Reason));
        one.Breaker.Reset("over");
        await fleet.PassAsync(10);
        Assert.Equal(BreakerState.Closed, one.Breaker.State);

        Assert.InRange(fleet.Store.Calls - calls, 1, 200);
        Assert.Equal((1, 1), (one.Log.Count("is not credible"), one.Log.Count("keeps refusing what this instance decided")));
    }

    [Fact]
    public async Task An_instance_that_changes_a_state_of_a_later_version_passes_on_its_unknown_fields()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        var later = new Messaging.Breaker.Sharing.UnknownFields(2, []);
        fleet.Store.Forget(Forged(3, BreakerState.Closed) with { Later = later });
        await fleet.PassAsync(1);

        one.Breaker.Isolate("maintenance");
        await fleet.UntilAsync(() => fleet.Store["payments"] is { State: BreakerState.Isolated }, "the store to be updated");
        Assert.Same(later, fleet.Store["payments"]!.Later);
    }

    [Fact]
    public async Task The_last_version_is_followed_by_the_first()
    {
        await using var fleet = new FleetHarness();
        var (one, two) = (await fleet.StartAsync("one"), await fleet.StartAsync("two"));
        fleet.Store.Forget(Forged(Messaging.Breaker.Sharing.StateCheck.VersionLimit - 1, BreakerState.Closed));
        await fleet.PassAsync(1);

        one.Breaker.Isolate("maintenance");
        await fleet.UntilAllAsync(BreakerState.Isolated);
        two.Breaker.Reset("over");
        await fleet.UntilAllAsync(BreakerState.Closed);

        Assert.Equal(2, fleet.Store["payments"]!.Version);
    }

    [Fact]
    public async Task The_first_version_after_the_last_is_no_loss_of_memory()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        await fleet.StartAsync("two");
        fleet.Store.Forget(Forged(Messaging.Breaker.Sharing.StateCheck.VersionLimit - 1, BreakerState.Isolated));
        await fleet.UntilAllAsync(BreakerState.Isolated);

        one.Breaker.Reset("over");
        await fleet.UntilAllAsync(BreakerState.Closed);
        await fleet.PassAsync(1);

        Assert.Equal((1, BreakerState.Closed), (fleet.Store["payments"]!.Version, fleet.Store["payments"]!.State));
    }

    [Fact]
    public async Task A_store_that_always_refuses_is_asked_rarely_and_logged_once()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        fleet.Store.Refusing = true;

        var calls = fleet.Store.Calls;
        one.Fail();
        await fleet.PassAsync(60);
        Assert.InRange(fleet.Store.Calls - calls, 1, 300);
        await fleet.UntilAsync(() => one.Log.Count("keeps refusing what this instance decided") == 1, "the refusals to be logged");

        // The same holds whatever wakes the instance meanwhile.
        calls = fleet.Store.Calls;
        for (var notice = 0; notice < 100; notice++)
        {
            fleet.Store.Tell(Forged(1, BreakerState.Closed) with { Breaker = "another" });
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.InRange(fleet.Store.Calls - calls, 0, 50);

        fleet.Store.Refusing = false;
        one.Breaker.Isolate("maintenance");
        await fleet.UntilAsync(() => fleet.Store["payments"] is { State: BreakerState.Isolated }, "the store to be updated");
        await fleet.UntilAsync(() => one.Log.Count("accepts this instance's decisions again") == 1, "the end of the refusals to be logged");
        Assert.Equal(1, one.Log.Count("keeps refusing what this instance decided"));
    }

    [Fact]
    public async Task A_store_that_refuses_the_end_of_a_break_is_asked_rarely()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        one.Fail();
        await fleet.UntilAsync(() => fleet.Store["payments"] is { State: BreakerState.Open }, "the store to be updated");
        fleet.Store.Refusing = true;

        var calls = fleet.Store.Calls;
        await fleet.PassAsync(60);
        Assert.InRange(fleet.Store.Calls - calls, 1, 300);

        fleet.Store.Refusing = false;
        await fleet.UntilOneProbesAsync();
    }

    [Fact]
    public async Task A_store_in_which_another_instance_is_always_faster_is_asked_rarely()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        fleet.Store.Racing = true;

        var calls = fleet.Store.Calls;
        one.Fail();
        await fleet.PassAsync(60);
        Assert.InRange(fleet.Store.Calls - calls, 1, 300);

        fleet.Store.Racing = false;
        one.Breaker.Isolate("maintenance");
        await fleet.UntilAsync(() => fleet.Store["payments"] is { State: BreakerState.Isolated, Instance: "one" }, "the store to be updated");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1_000)]
    public async Task After_a_forged_notice_an_operators_decision_still_reaches_all(long ahead)
    {
        var (fleet, one, two, three) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        one.Breaker.Isolate("maintenance");
        await fleet.UntilAllAsync(BreakerState.Isolated);

        fleet.Store.Tell(Forged(1 + ahead, BreakerState.Closed));
        await fleet.PassAsync(1);
        two.Breaker.Reset("over");
        await fleet.UntilAsync(() => fleet.Store["payments"] is { State: BreakerState.Closed, Instance: "two" }, "the store to be updated");
        await fleet.PassAsync(1);
        await fleet.UntilAllAsync(BreakerState.Closed);
        three.Breaker.Isolate("again");
        await fleet.UntilAllAsync(BreakerState.Isolated);

        await fleet.PassAsync(2);
        Assert.All([one, two, three], instance => Assert.EndsWith("again", instance.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_whose_predecessors_were_missed_is_looked_up()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        await fleet.PassAsync(1);

        var third = Forged(3, BreakerState.Isolated);
        fleet.Store.Hold(third);
        fleet.Store.Tell(third);

        await Eventually.Is(() => one.Breaker.State == BreakerState.Isolated, "it to learn the state that holds");
    }

    [Fact]
    public async Task A_peer_that_tells_nonsense_all_the_time_costs_a_few_reads_a_second_and_steering_works()
    {
        var (fleet, one, two, three) = await FleetHarness.OfThreeAsync();
        await using var end = fleet;
        var calls = fleet.Store.Calls;
        for (var round = 0; round < 20; round++)
        {
            for (var notice = 0; notice < 500; notice++)
                fleet.Store.Tell(notice % 2 == 0 ? Forged(1_000 + notice, BreakerState.Isolated) : Forged(long.MaxValue, BreakerState.Open) with { Breaker = $"{notice}" });
            await fleet.PassAsync(0.25);
        }

        Assert.InRange(fleet.Store.Calls - calls, 0, 100);
        Assert.All([one, two, three], instance => Assert.Equal(BreakerState.Closed, instance.Breaker.State));

        // Within one moment, the state is looked up once, however many notices arrive.
        calls = fleet.Store.Calls;
        for (var notice = 0; notice < 100; notice++)
        {
            fleet.Store.Tell(Forged(1_000 + notice, BreakerState.Isolated));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.InRange(fleet.Store.Calls - calls, 0, 10);
        one.Breaker.Isolate("maintenance");
        await fleet.UntilAllAsync(BreakerState.Isolated);
    }

    [Fact]
    public async Task A_bad_state_costs_only_its_own_breaker()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        fleet.Store.Extra = [null!, Forged(1, (BreakerState)99) with { Breaker = "orders" }, Forged(1, BreakerState.Open) with { Breaker = null! }];
        fleet.Store.Forget(Forged(1, BreakerState.Isolated));

        await fleet.UntilAllAsync(BreakerState.Isolated);
        Assert.Equal(0, one.Log.Count("The fleet's store is out of reach"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-7)]
    public async Task An_impossible_census_counts_as_that_of_a_lone_instance(int instances)
    {
        await using var fleet = new FleetHarness();
        fleet.Store.Census = new FleetMembership(instances, null!);
        var one = await fleet.StartAsync("one", options => options.TripQuorum = 0.5);
        one.Fail();
        await fleet.UntilAsync(() => one.Breaker.State == BreakerState.HalfOpen, "it to probe");
        one.Succeed();
        await fleet.UntilAllAsync(BreakerState.Closed);

        Assert.Equal((1, 0), (one.Breaker.Instances, one.Log.Count("The fleet's store is out of reach")));
    }

    [Fact]
    public async Task A_break_without_an_end_still_ends()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        fleet.Store.Forget(Forged(3, BreakerState.Open));
        await fleet.UntilAllAsync(BreakerState.Open);
        await fleet.UntilAsync(() => one.Breaker.State == BreakerState.HalfOpen, "the break to end");
    }

    static SharedBreakerState Forged(long version, BreakerState state) =>
        new()
        {
            Breaker = "payments",
            Version = version,
            State = state,
            Cause = TransitionCause.Operator,
            Reason = "forged",
            Instance = "nobody",
            Age = TimeSpan.Zero,
        };

    static SharedBreakerState Spoil(SharedBreakerState state, string what) => what switch
    {
        "largest version" => state with { Version = long.MaxValue },
        "negative version" => state with { Version = -7 },
        "state" => state with { State = (BreakerState)99 },
        "mode" => state with { Mode = (BreakerMode)99 },
        "cause" => state with { Cause = (TransitionCause)99 },
        "no reason" => state with { Reason = null! },
        "no instance" => state with { Instance = null! },
        _ => state with { Length = TimeSpan.MinValue },
    };
}
