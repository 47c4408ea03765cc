using Messaging.Breaker.Tests.Sharing;
using Messaging.Breaker.Windows;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Windows;

/// <summary>One instance of a fleet acts for all, and the fleet remembers what was done.</summary>
public class FleetWindowTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_instance_begins_a_window_for_all_and_one_logs_it()
    {
        await using var fleet = new FleetHarness();
        var instances = await StartAsync(fleet, "one", "two", "three");
        await fleet.UntilAllAsync(BreakerState.Isolated);
        await fleet.PassAsync(5);
        Assert.Equal((1, 1), (Count(instances, "begins at"), Count(instances, "has begun")));
        Assert.All(instances, instance => Assert.EndsWith("window backup: the backup", instance.Reason, StringComparison.Ordinal));
        Assert.Single(instances, instance => !instance.Reason.Contains(": window", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_breaker_that_an_operator_released_stays_released_whichever_instance_starts_or_dies()
    {
        await using var fleet = new FleetHarness();
        var instances = await StartAsync(fleet, "one", "two");
        await fleet.UntilAllAsync(BreakerState.Isolated);
        await fleet.PassAsync(2);
        instances[1].Breaker.Reset("we need it");
        await fleet.UntilAllAsync(BreakerState.Closed);
        await instances[0].CrashAsync();
        var late = (await StartAsync(fleet, "late"))[0];
        await fleet.PassAsync(60);
        Assert.Equal((BreakerState.Closed, BreakerState.Closed), (late.Breaker.State, instances[1].Breaker.State));
        Assert.Equal(0, late.Log.Count("has begun"));
    }

    [Fact]
    public async Task When_the_acting_instance_dies_another_takes_over()
    {
        await using var fleet = new FleetHarness();
        var instances = await StartAsync(fleet, "one", "two");
        await fleet.UntilAsync(() => Count(instances, "begins at") == 1, "the announcement");
        var speaker = instances.Single(instance => instance.Log.Count("begins at") == 1);
        await speaker.CrashAsync();
        await fleet.UntilAllAsync(BreakerState.Isolated);
        var other = instances.Single(instance => instance != speaker);
        await fleet.UntilAsync(() => other.Log.Count("has begun") == 1, "the other to say that it has begun");
    }

    [Fact]
    public async Task A_window_added_on_one_instance_is_known_to_all_at_once_and_outlives_the_instance()
    {
        await using var fleet = new FleetHarness();
        var (one, two) = (await fleet.StartAsync("one"), await fleet.StartAsync("two"));
        await fleet.PassAsync(1);
        var now = fleet.Clock.GetUtcNow();
        var window = await WindowsOf(one).AddAsync(new WindowOrder { Breaker = "payments", Start = now.AddMinutes(1), End = now.AddMinutes(40), Reason = "their database" }, Cancellation);
        await fleet.UntilAsync(() => WindowsOf(two).Windows.Count == 1, "the other instance to know of it");
        Assert.True(fleet.Clock.GetUtcNow() - now < TimeSpan.FromSeconds(20));
        await one.CrashAsync();
        var late = await fleet.StartAsync("late");
        await fleet.UntilAsync(() => WindowsOf(late).Windows.Count == 1, "the new instance to know of it");
        await fleet.UntilAsync(() => late.Breaker.State == BreakerState.Isolated && two.Breaker.State == BreakerState.Isolated, "it to begin");

        Assert.True(await WindowsOf(late).RemoveAsync(window.Name, "ben", Cancellation));
        await fleet.UntilAsync(() => late.Breaker.State != BreakerState.Isolated && two.Breaker.State != BreakerState.Isolated, "it to be released");
        await fleet.UntilAsync(() => WindowsOf(two).Windows.Count == 0, "the other instance to know that, too");
        Assert.Equal(window.Name, Assert.Single(fleet.Store.TextsOf(WindowEntry.List).Select(WindowEntry.Read), entry => entry!.IsPlan)!.Name);
    }

    [Fact]
    public async Task Without_the_store_a_coming_window_begins_but_one_that_began_before_the_start_does_not()
    {
        await using var fleet = new FleetHarness();
        var one = (await StartAsync(fleet, "one"))[0];
        fleet.Store.IsDown = true;
        await Assert.ThrowsAnyAsync<Exception>(() => WindowsOf(one).AddAsync(
            new WindowOrder { Breaker = "payments", Start = fleet.Clock.GetUtcNow(), End = fleet.Clock.GetUtcNow().AddHours(1), Reason = "x" }, Cancellation));
        await fleet.UntilAsync(() => one.Breaker.State == BreakerState.Isolated, "it to begin");
        await fleet.PassAsync(1);
        // Without the store, nobody knows whether an operator has released it.
        var late = await fleet.StartAsync("late", isToWait: false, services: Plan);
        await fleet.UntilAsync(() => late.HasStarted, "it to start");
        await fleet.PassAsync(10);
        Assert.Equal(0, late.Log.Count("has begun"));
        fleet.Store.IsDown = false;
        await fleet.UntilAllAsync(BreakerState.Isolated);
        Assert.Single(WindowsOf(one).Windows);
    }

    DateTimeOffset? _start;

    async Task<List<Instance>> StartAsync(FleetHarness fleet, params string[] names)
    {
        _start ??= fleet.Clock.GetUtcNow().AddMinutes(1);
        var instances = new List<Instance>();
        foreach (var name in names)
            instances.Add(await fleet.StartAsync(name, services: Plan));
        return instances;
    }

    void Plan(IServiceCollection services) => services.AddMessagingBreaker(breakers => breakers.PlanWindow("backup", window =>
        (window.Breaker, window.Start, window.Duration, window.Reason, window.AnnounceBefore) = ("payments", $"{_start:o}", TimeSpan.FromHours(2), "the backup", TimeSpan.FromSeconds(40))));

    static int Count(IEnumerable<Instance> instances, string part) => instances.Sum(instance => instance.Log.Count(part));

    static IPlannedWindows WindowsOf(Instance instance) => instance.Services.GetRequiredService<IPlannedWindows>();
}
