using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Sharing;

/// <summary>A process that is not a member of the fleet, such as the command line.</summary>
public class StoreHoldsTests
{
    [Fact]
    public async Task A_process_outside_the_fleet_can_pause_and_resume_it_and_is_not_counted()
    {
        var (holds, one, two, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await using var tool = Tool(holds);
        var fleet = tool.GetRequiredService<IFleetHolds>();
        Assert.Null(await fleet.FindAsync(HoldHarness.Queue, TestContext.Current.CancellationToken));
        await fleet.PauseAsync("work", "migrating", TimeSpan.FromMinutes(10), "anna", TestContext.Current.CancellationToken);
        await holds.UntilAllAsync(held: true);
        Assert.Equal(("migrating", "anna", "tool"), (one.Hold!.Reason, one.Hold.By, one.Hold.Instance));
        Assert.NotNull(one.Hold.Until);
        Assert.Equal(one.Hold.Until!.Value, (await fleet.FindAsync(HoldHarness.Queue, TestContext.Current.CancellationToken))!.Until!.Value, TimeSpan.FromSeconds(1));

        await two.Endpoints.PauseAsync(HoldHarness.Queue, "still migrating");
        await fleet.ResumeAsync(HoldHarness.Queue, cancellationToken: TestContext.Current.CancellationToken);
        await holds.UntilAllAsync(held: false);
        Assert.Null(await fleet.FindAsync(HoldHarness.Queue, TestContext.Current.CancellationToken));
        Assert.False(holds.Fleet.Store.HasHeardOf("tool"));
    }

    [Fact]
    public async Task Without_the_store_nothing_is_done_and_the_call_fails()
    {
        var (holds, one, _, _) = await HoldHarness.OfThreeAsync();
        await using var end = holds;
        await using var tool = Tool(holds);
        var fleet = tool.GetRequiredService<IFleetHolds>();
        holds.Fleet.Store.IsDown = true;
        await Assert.ThrowsAsync<IOException>(() => fleet.PauseAsync(HoldHarness.Queue, "migrating", cancellationToken: TestContext.Current.CancellationToken));
        holds.Fleet.Store.IsDown = false;
        holds.Fleet.Store.Refusing = true;
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => fleet.PauseAsync(HoldHarness.Queue, "migrating", cancellationToken: TestContext.Current.CancellationToken));
        Assert.False(one.IsHeld);
    }

    static ServiceProvider Tool(HoldHarness holds)
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(holds.Fleet.Clock);
        services.AddMessagingBreaker(breakers => breakers.Share<SharingOptions>((_, _) => holds.Fleet.Store.Connect(), options => options.InstanceName = "tool"));
        return services.BuildServiceProvider();
    }
}
