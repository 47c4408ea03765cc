namespace Messaging.Breaker.Tests.Sharing;

/// <summary>When the store is out of reach or loses its data, nobody resumes by mistake.</summary>
public class HoldLossTests
{
    [Fact]
    public async Task An_order_without_the_store_applies_here_at_once_and_everywhere_when_the_store_is_back()
    {
        var (holds, one, two, three) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        holds.Fleet.Store.IsDown = true;
        Assert.Equal(HoldOutcome.FleetWhenStoreIsBack, await one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating"));
        Assert.True(one.IsHeld);
        Assert.False(two.IsHeld);
        Assert.Equal(1, one.Instance.Log.Count("held on this instance only"));
        await holds.Fleet.PassAsync(10);
        holds.Fleet.Store.IsDown = false;
        await holds.UntilAllAsync(held: true);

        holds.Fleet.Store.IsDown = true;
        Assert.Equal(HoldOutcome.FleetWhenStoreIsBack, await two.Endpoints.ResumeAsync(HoldHarness.Queue));
        Assert.False(two.IsHeld);
        await holds.Fleet.PassAsync(10);
        Assert.True(three.IsHeld);
        holds.Fleet.Store.IsDown = false;
        await holds.UntilAllAsync(held: false);
    }

    [Fact]
    public async Task A_hanging_store_learns_of_a_hold_when_it_answers_and_the_call_does_not_wait_for_that()
    {
        var (holds, one, two, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        var hang = holds.Fleet.Store.Hang();
        var outcome = one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating");
        Assert.True(one.IsHeld);
        await holds.UntilAsync(() => outcome.IsCompleted, "the call to return");
        Assert.Equal(HoldOutcome.FleetWhenStoreIsBack, await outcome);
        hang.SetResult();
        await holds.UntilAsync(() => two.IsHeld, "the others to be held");
    }

    [Fact]
    public async Task A_hold_outlives_the_store_and_ends_on_time_without_it()
    {
        var (holds, one, _, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating", TimeSpan.FromMinutes(2));
        await holds.UntilAllAsync(held: true);
        holds.Fleet.Store.IsDown = true;
        await holds.Fleet.PassAsync(100);
        await holds.UntilAllAsync(held: true);
        await holds.Fleet.PassAsync(25);
        await holds.UntilAllAsync(held: false);
        holds.Fleet.Store.IsDown = false;
        await holds.Fleet.PassAsync(5);
        await holds.UntilAllAsync(held: false);
    }

    [Fact]
    public async Task A_store_that_lost_its_data_is_told_of_the_hold_again_and_nobody_resumes()
    {
        var (holds, one, two, three) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating", TimeSpan.FromHours(1), "anna");
        await holds.UntilAllAsync(held: true);
        await holds.Fleet.PassAsync(60);
        await one.Instance.CrashAsync();
        holds.Fleet.Store.Forget();
        await holds.UntilAsync(() => holds.Fleet.Store[HoldHarness.State] is { State: BreakerState.Isolated }, "the store to be updated again");
        var told = holds.Fleet.Store[HoldHarness.State]!;
        Assert.Equal(("one", "anna", "migrating"), (told.Instance, told.By, told.Reason));
        Assert.InRange(told.Length!.Value, TimeSpan.FromMinutes(58), TimeSpan.FromMinutes(59));
        await holds.UntilAllAsync(held: true);
        Assert.Equal(1, two.Instance.Log.Count("is held by anna"));
        Assert.True((await holds.StartAsync("four")).IsHeld);
        Assert.Equal(HoldOutcome.Fleet, await three.Endpoints.ResumeAsync(HoldHarness.Queue));
        await holds.UntilAllAsync(held: false);
    }

    [Fact]
    public async Task A_store_that_fails_while_it_is_told_of_the_hold_again_is_told_when_it_is_back()
    {
        var (holds, one, _, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating");
        await holds.UntilAllAsync(held: true);
        holds.Fleet.Store.IsReadOnly = true;
        holds.Fleet.Store.Forget();
        await holds.UntilAsync(() => one.Instance.Log.Count("The fleet's store is out of reach") == 1, "the loss to be logged");
        await holds.Fleet.PassAsync(10);
        holds.Fleet.Store.IsReadOnly = false;
        await holds.UntilAsync(() => holds.Fleet.Store[HoldHarness.State] is { State: BreakerState.Isolated }, "the store to be updated again");
        await holds.UntilAllAsync(held: true);
    }

    [Fact]
    public async Task A_store_restored_to_an_earlier_state_is_told_of_the_hold_again_and_nobody_resumes()
    {
        var (holds, one, two, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await one.Endpoints.PauseAsync(HoldHarness.Queue, "first");
        await two.Endpoints.ResumeAsync(HoldHarness.Queue);
        await holds.UntilAllAsync(held: false);
        await holds.Fleet.PassAsync(30);
        var saved = holds.Fleet.Store[HoldHarness.State]!;
        await one.Endpoints.PauseAsync(HoldHarness.Queue, "second");
        await holds.UntilAllAsync(held: true);
        await holds.Fleet.PassAsync(30);
        holds.Fleet.Store.Forget(saved with { Age = saved.Age + TimeSpan.FromSeconds(30) });
        await holds.UntilAsync(() => holds.Fleet.Store[HoldHarness.State] is { Reason: "second" }, "the store to be updated again");
        Assert.True(one.IsHeld && two.IsHeld);
        Assert.Equal(0, two.Instance.Log.Count("no longer held by an operator for the fleet, on one: second"));
        await holds.UntilAllAsync(held: true);
    }

    [Fact]
    public async Task What_was_decided_in_a_rebuilt_store_is_followed()
    {
        var (holds, one, two, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating");
        await holds.UntilAllAsync(held: true);
        await holds.Fleet.PassAsync(30);
        holds.Fleet.Store.Forget(holds.Fleet.Store[HoldHarness.State]! with { Instance = "four", State = BreakerState.Closed, Reason = "resumed", Age = TimeSpan.Zero });
        await holds.UntilAllAsync(held: false);
    }

    [Fact]
    public async Task An_announced_resumption_that_is_not_in_the_store_resumes_nobody()
    {
        var (holds, one, two, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating");
        await holds.UntilAllAsync(held: true);
        var held = holds.Fleet.Store[HoldHarness.State]!;
        foreach (var forged in new[] { held with { Version = 2, State = BreakerState.Closed }, held with { Version = 7, State = BreakerState.Closed }, held with { Version = -1 } })
        {
            holds.Fleet.Store.Tell(forged);
            await holds.Fleet.PassAsync(2);
            await holds.UntilAllAsync(held: true);
        }

        Assert.Equal(0, two.Instance.Log.Count("no longer held"));
        await two.Endpoints.ResumeAsync(HoldHarness.Queue);
        await holds.UntilAllAsync(held: false);
    }

    [Fact]
    public async Task A_resumption_is_overruled_by_a_later_hold_that_it_did_not_know_of()
    {
        var (holds, one, two, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating");
        await holds.UntilAllAsync(held: true);
        holds.Fleet.Store.IsDown = true;
        await two.Endpoints.ResumeAsync(HoldHarness.Queue);
        holds.Fleet.Store.Hold(holds.Fleet.Store[HoldHarness.State]! with { Version = 2, Instance = "four", Reason = "repairing" });
        holds.Fleet.Store.IsDown = false;
        await holds.UntilAllAsync(held: true);
        await holds.UntilAsync(() => two.Hold is { Reason: "repairing" }, "the hold to be followed");
        Assert.Equal(1, two.Instance.Log.Count("resume it again"));
    }

    [Theory]
    [InlineData(10, "longer")]
    [InlineData(30, "shorter")]
    public async Task Of_two_holds_that_did_not_know_of_each_other_the_longer_stays(int minutes, string stays)
    {
        var (holds, one, two, three) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await one.Endpoints.ResumeAsync(HoldHarness.Queue);
        holds.Fleet.Store.IsDown = true;
        await two.Endpoints.PauseAsync(HoldHarness.Queue, "shorter", TimeSpan.FromMinutes(minutes));
        holds.Fleet.Store.Hold(holds.Fleet.Store[HoldHarness.State]! with
        {
            Version = 2,
            Instance = "four",
            Reason = "longer",
            State = BreakerState.Isolated,
            Length = TimeSpan.FromMinutes(20),
        });
        holds.Fleet.Store.IsDown = false;
        await holds.UntilAsync(() => new[] { one, two, three }.All(holder => holder.Hold?.Reason == stays), $"the {stays} to stay");
    }

    [Fact]
    public async Task A_hold_that_was_stored_although_the_answer_was_lost_is_not_stored_twice()
    {
        var (holds, one, _, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        holds.Fleet.Store.IsMute = true;
        Assert.Equal(HoldOutcome.FleetWhenStoreIsBack, await one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating"));
        await holds.UntilAllAsync(held: true);
        holds.Fleet.Store.IsMute = false;
        await holds.UntilAsync(() => one.Instance.Log.Count("store is back") == 1, "the store to be back");
        await holds.Fleet.PassAsync(2);
        Assert.Equal(1, holds.Fleet.Store[HoldHarness.State]!.Version);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_instance_that_starts_without_the_store_runs_until_it_is_back_unless_HoldUntilKnown(bool holdUntilKnown)
    {
        var (holds, one, _, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await one.Endpoints.PauseAsync(HoldHarness.Queue, "migrating");
        await holds.UntilAllAsync(held: true);
        holds.Fleet.Store.IsDown = true;
        var four = await holds.StartAsync("four", options => options.HoldUntilKnown = holdUntilKnown, isToWait: false);
        await holds.UntilAsync(() => four.Instance.HasStarted, "the start to go on");
        await four.SendAsync();
        if (!holdUntilKnown)
            await holds.UntilAsync(() => four.Handled == 1, "the message to be handled");
        await holds.Fleet.PassAsync(10);
        Assert.Equal((holdUntilKnown, holdUntilKnown ? 0 : 1), (four.IsHeld, four.Handled));
        holds.Fleet.Store.IsDown = false;
        await holds.UntilAsync(() => four.Hold is { Reason: "migrating" }, "it to be held as the others are");
        await one.Endpoints.ResumeAsync(HoldHarness.Queue);
        await holds.UntilAllAsync(held: false);
        await holds.UntilAsync(() => four.Handled == 1, "the message to be handled");
    }
}
