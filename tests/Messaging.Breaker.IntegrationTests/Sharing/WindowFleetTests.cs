using System.Globalization;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>Planned holds of a queue with three instances on a real broker.</summary>
public sealed class WindowFleetTests(BrokerFixture broker, RedisFixture redis) : IClassFixture<RedisFixture>
{
    const string Reason = "the table moves";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_window_stops_all_workers_and_also_one_that_starts_within_it_until_it_ends(bool overRedis)
    {
        var (start, end) = (DateTimeOffset.UtcNow.AddSeconds(15), DateTimeOffset.UtcNow.AddSeconds(45));
        await using var fleet = Start(overRedis);
        for (var worker = 0; worker < 3; worker++)
            await fleet.AddAsync(Once);
        await fleet.Workers[0].SendAsync(0, 20);
        await fleet.Workers[0].UntilHandledAsync(20);
        await fleet.UntilConsumersAsync(3);
        Assert.True(DateTimeOffset.UtcNow < start, "the window began before all workers had started");

        await fleet.UntilConsumersAsync(0);
        Assert.InRange(DateTimeOffset.UtcNow, start, end);
        await fleet.UntilAllHeldAsync(Reason);
        await fleet.Workers[0].SendAsync(20, 20);
        var stopped = fleet.Workers[0];
        await stopped.DisposeAsync();
        fleet.Forget(stopped);
        var late = await fleet.AddAsync(Once);
        Assert.Equal(("window migration", Reason), late.Endpoints.Endpoints[0].Hold is { } hold ? (hold.By, hold.Reason) : default);
        await late.UntilPausedAsync(20);
        Assert.Equal(20, fleet.Dependency.Handled);

        await Eventually.Is(() => DateTimeOffset.UtcNow >= end, "the window to end", TimeSpan.FromMinutes(1));
        await fleet.UntilConsumersAsync(3);
        Assert.InRange(DateTimeOffset.UtcNow, end, end.AddSeconds(15));
        await late.UntilHandledAsync(40);
        Assert.Equal(0, fleet.Dependency.Duplicates);
        Assert.All(fleet.Workers, worker => Assert.Null(worker.Endpoints.Endpoints[0].Hold));

        Action<IServiceCollection> Once(string name) => Plan(fleet, window => (window.Start, window.End) = (Text(start), Text(end)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_window_ended_by_an_operator_holds_nobody_until_its_next_time_not_even_new_workers(bool overRedis)
    {
        // Some of the first window must be left when all workers have started.
        await Eventually.Is(() => DateTimeOffset.UtcNow.Second < 30, "the first half of a minute to come", TimeSpan.FromSeconds(40));
        await using var fleet = Start(overRedis);
        await fleet.AddAsync(EachMinute);
        await fleet.AddAsync(EachMinute);
        var planned = await Eventually.Is(
            () => fleet.Workers[0].Endpoints.Endpoints[0].Hold?.Since, since => since is not null, "a window to begin", TimeSpan.FromMinutes(1.5));
        await fleet.UntilAllHeldAsync(Reason);
        await fleet.UntilConsumersAsync(0);
        var next = new DateTimeOffset(planned!.Value.UtcDateTime.Date, TimeSpan.Zero).AddMinutes(Math.Floor(planned.Value.UtcDateTime.TimeOfDay.TotalMinutes) + 1);

        Assert.Equal(HoldOutcome.Fleet, await fleet.Workers[1].Endpoints.ResumeAsync(fleet.Queue, by: "anna"));
        await fleet.UntilConsumersAsync(2);
        await fleet.AddAsync(EachMinute);
        await fleet.UntilConsumersAsync(3);
        while (DateTimeOffset.UtcNow < next.AddSeconds(-1))
        {
            Assert.All(fleet.Workers, worker => Assert.Null(worker.Endpoints.Endpoints[0].Hold));
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        await fleet.UntilAllHeldAsync(Reason);
        await fleet.UntilConsumersAsync(0);
        Assert.InRange(DateTimeOffset.UtcNow, next, next.AddSeconds(30));

        Action<IServiceCollection> EachMinute(string name) => Plan(fleet, window => (window.Cron, window.Duration) = ("* * * * *", TimeSpan.FromSeconds(55)));
    }

    [Fact]
    public async Task A_worker_by_itself_that_starts_within_a_window_takes_no_message()
    {
        await using var fleet = HoldFleet.OfStrangers(broker.Node);
        var first = await fleet.AddAsync();
        first.Endpoints.Pause(fleet.Queue, "until the messages are there");
        await fleet.UntilConsumersAsync(0);
        await first.SendAsync(0, 10);
        await fleet.AddAsync(_ => Plan(fleet, window => (window.Start, window.End) = (Text(DateTimeOffset.UtcNow.AddMinutes(-5)), Text(DateTimeOffset.UtcNow.AddMinutes(30)))));
        Assert.Equal(Reason, fleet.Workers[1].Endpoints.Endpoints[0].Hold?.Reason);
        await fleet.Workers[1].UntilPausedAsync(10);
        Assert.False(await fleet.WasFirstDeliveredAsync());
    }

    HoldFleet Start(bool overRedis) => overRedis ? HoldFleet.OverRedis(broker.Node, redis.Node) : HoldFleet.OverBus(broker.Node);

    static Action<IServiceCollection> Plan(HoldFleet fleet, Action<PlannedWindowOptions> when) => services => services.AddMessagingBreaker(breakers => breakers.PlanWindow("migration", window =>
    {
        (window.Endpoint, window.Reason) = (fleet.Queue, Reason);
        when(window);
    }));

    static string Text(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);
}
