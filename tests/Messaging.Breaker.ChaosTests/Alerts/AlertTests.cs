using System.Diagnostics;
using Messaging.Breaker.ChaosTests.Restarts;
using Messaging.Breaker.ChaosTests.Stores;

namespace Messaging.Breaker.ChaosTests.Alerts;

public sealed class AlertTests(OrdinaryBroker broker) : IClassFixture<OrdinaryBroker>
{
    const string Outage = "dependency/breaker:payments";

    /// <summary>Longer than the fleet's alert lease plus the time that another worker needs to take it.</summary>
    static readonly TimeSpan LongerThanTheLease = TimeSpan.FromSeconds(25);

    [Theory]
    [InlineData(SharedStore.Redis)]
    [InlineData(SharedStore.Bus)]
    public async Task One_of_three_workers_sends_an_alert_and_if_it_is_killed_another_sends_only_the_end(SharedStore store)
    {
        await using var pager = await Pager.StartAsync();
        await using var fleet = await Fleet.StartAsync(await broker.GetNodeAsync(), store, pager.QueueDepthOf);
        await fleet.BreakPaymentsAsync();
        await Eventually.Is(() => pager.Calls.Count > 0, "an alert", TimeSpan.FromMinutes(1));
        // A worker killed between sending the alert and recording it would cause a second alert.
        await Eventually.Is(() => fleet.ReadListAsync("alerts"), topics => topics.Count == 1, "the alert to be recorded");

        var speaker = pager.Calls[0].Worker;
        await fleet.KillAsync(speaker);
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < LongerThanTheLease;)
        {
            Assert.Equal([new Pager.Call(speaker, "queue.alert.raised", Outage)], pager.Calls);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        await fleet.MendPaymentsAsync();
        await Eventually.Is(() => pager.Calls.Count > 1, "the end of the alert", TimeSpan.FromMinutes(1));
        await Eventually.Is(() => fleet.ReadListAsync("alerts"), topics => topics.All(topic => topic.Text.Contains("\"isOver\":true", StringComparison.Ordinal)), "the end to be recorded");
        Assert.Equal([("queue.alert.raised", Outage), ("queue.alert.cleared", Outage)], pager.Calls.Select(call => (call.Type, call.Key)));
        Assert.NotEqual(speaker, pager.Calls[1].Worker);
    }
}
