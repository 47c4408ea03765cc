using MassTransit;
using Messaging.Breaker.Sharing;

namespace Messaging.Breaker.Tests.Sharing;

public class HoldTests
{
    [Fact]
    public async Task A_hold_and_its_end_apply_to_the_fleet_and_to_instances_that_start_later()
    {
        var (holds, one, two, three) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        Assert.Equal(HoldOutcome.Fleet, await one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating", by: "anna"));
        await holds.UntilAllAsync(held: true);
        Assert.Equal(("migrating", "anna", "one"), (two.Hold!.Reason, two.Hold.By, two.Hold.Instance));
        await holds.UntilAsync(() => two.Instance.Log.Count("Endpoint Work is held by anna for the fleet, on one: migrating") == 1, "it to be logged");

        var four = await holds.StartAsync("four");
        Assert.True(four.IsHeld);
        await four.SendAsync();
        await holds.Fleet.PassAsync(30);
        Assert.Equal(0, four.Handled);

        Assert.Equal(HoldOutcome.Fleet, await three.Endpoints.ResumeAsync("WORK", "bert"));
        await holds.UntilAllAsync(held: false);
        await holds.UntilAsync(() => four.Handled == 1, "the message to be handled");
        Assert.False((await holds.StartAsync("five")).IsHeld);
    }

    [Fact]
    public async Task Of_several_orders_the_last_one_applies()
    {
        var (holds, one, two, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        var paused = one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating");
        var resumed = one.Endpoints.ResumeAsync(HoldHarness.Queue);
        Assert.Equal([HoldOutcome.Fleet, HoldOutcome.Fleet], await Task.WhenAll(paused, resumed));
        await holds.Fleet.PassAsync(2);
        await holds.UntilAllAsync(held: false);

        one.Endpoints.Pause(HoldHarness.Queue, "again");
        await holds.UntilAllAsync(held: true);
        await one.Endpoints.PauseAsync(HoldHarness.Queue, "and again", TimeSpan.FromMinutes(1));
        // The outcome is the same whether or not the other instance has heard of the hold.
        Assert.Equal(HoldOutcome.Fleet, await two.Endpoints.ResumeAsync(HoldHarness.Queue));
        await holds.UntilAllAsync(held: false);
    }

    [Fact]
    public async Task A_hold_of_one_instance_is_independent_of_the_fleets_hold()
    {
        var (holds, one, two, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        Assert.Equal(HoldOutcome.ThisInstance, await one.Endpoints.PauseAsync(HoldHarness.Queue, "odd", by: "anna", thisInstanceOnly: true));
        await two.Endpoints.PauseAsync(HoldHarness.Queue, "migrating");
        await holds.UntilAllAsync(held: true);
        Assert.Equal(HoldOutcome.HeldByFleet, await two.Endpoints.ResumeAsync(HoldHarness.Queue, thisInstanceOnly: true));
        Assert.True(two.IsHeld);

        await two.Endpoints.ResumeAsync(HoldHarness.Queue);
        await holds.UntilAsync(() => !two.IsHeld && one.Hold is { Instance: null }, "the fleet's hold to end");
        Assert.Equal(("odd", "anna", false), (one.Hold!.Reason, one.Hold.By, one.Hold.IsOfFleet));
        Assert.Equal(HoldOutcome.ThisInstance, await one.Endpoints.ResumeAsync(HoldHarness.Queue, thisInstanceOnly: true));
        Assert.False(one.IsHeld);
    }

    [Fact]
    public async Task A_hold_ends_at_the_same_time_everywhere()
    {
        var (holds, one, two, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        var until = holds.Fleet.Clock.GetUtcNow() + TimeSpan.FromSeconds(60);
        await one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating", TimeSpan.FromSeconds(60));
        await holds.Fleet.PassAsync(30);
        var four = await holds.StartAsync("four");
        Assert.All([one, two, four], holder => Assert.Equal(until, holder.Hold!.Until!.Value, TimeSpan.FromSeconds(1)));
        await holds.Fleet.PassAsync(28);
        await holds.UntilAllAsync(held: true);
        await holds.Fleet.PassAsync(3);
        await holds.UntilAllAsync(held: false);
        Assert.False((await holds.StartAsync("five")).IsHeld);
    }

    [Fact]
    public async Task An_endpoint_that_is_connected_later_is_held_before_it_handles_anything()
    {
        var (holds, one, two, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await ConnectAsync(one, "late");
        await one.Endpoints.PauseAsync("late", "migrating");
        await ConnectAsync(two, "late");
        await two.SendAsync("late");
        await holds.UntilAsync(() => two.HoldOf("late") is { Reason: "migrating" }, "the endpoint to be held");
        await holds.Fleet.PassAsync(2);
        Assert.Equal(0, two.Handled);
        await one.Endpoints.ResumeAsync("late");
        await holds.UntilAsync(() => two.Handled == 1, "the message to be handled");
    }

    [Fact]
    public async Task An_endpoint_that_is_connected_in_the_place_of_another_is_held_as_that_was()
    {
        var (holds, one, _, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        var first = await ConnectAsync(one, "late");
        await one.Endpoints.PauseAsync("late", "migrating", TimeSpan.FromMinutes(10));
        await first.StopAsync(TestContext.Current.CancellationToken);
        Assert.Null(one.HoldOf("late"));
        await ConnectAsync(one, "late");
        await holds.UntilAsync(() => one.HoldOf("late") is { Reason: "migrating", Instance: "one" }, "the endpoint to be held");
    }

    [Fact]
    public async Task Resuming_the_fleet_lifts_StartPaused_but_the_next_instance_to_start_is_held_again()
    {
        await using var holds = new HoldHarness();
        var one = await holds.StartAsync("one", options: options => options.StartPaused = "green waits");
        var two = await holds.StartAsync("two", options: options => options.StartPaused = "green waits");
        Assert.Equal(["green waits", "green waits"], new[] { one, two }.Select(holder => holder.Hold?.Reason));
        Assert.Equal(HoldOutcome.Fleet, await one.Endpoints.ResumeAsync(HoldHarness.Queue));
        await holds.UntilAllAsync(held: false);
        Assert.True((await holds.StartAsync("three", options: options => options.StartPaused = "green waits")).IsHeld);
        await holds.Fleet.PassAsync(2);
        Assert.False(one.IsHeld || two.IsHeld);
    }

    [Fact]
    public async Task The_longest_name_of_a_queue_can_be_held()
    {
        var (holds, one, two, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        var name = new string('q', 255);
        await ConnectAsync(one, name);
        await ConnectAsync(two, name);
        Assert.Equal(HoldOutcome.Fleet, await one.Endpoints.PauseAsync(name, "migrating"));
        await holds.UntilAsync(() => two.HoldOf(name) is not null, "the endpoint to be held");
        Assert.NotEqual(HoldName.Of(name), HoldName.Of(name[..254] + "x"));
    }

    [Fact]
    public async Task A_quiet_fleet_with_holds_costs_the_store_no_more_than_one_without()
    {
        var (holds, one, _, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating");
        await holds.UntilAllAsync(held: true);
        await holds.Fleet.PassAsync(1);
        var calls = holds.Fleet.Store.Calls;
        await holds.Fleet.PassAsync(100);
        Assert.InRange(holds.Fleet.Store.Calls - calls, 40, 51);
    }

    static async Task<HostReceiveEndpointHandle> ConnectAsync(Holder holder, string queue)
    {
        var handle = holder.Bus.ConnectReceiveEndpoint(queue, holder.Configure);
        await handle.Ready;
        return handle;
    }
}
