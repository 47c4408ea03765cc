using System.Text.Json;
using Messaging.Breaker.Dashboard.Fleet;
using Messaging.Breaker.Dashboard.Tests.Support;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Sharing;

namespace Messaging.Breaker.Dashboard.Tests.Api;

public sealed class FleetTests
{
    [Fact]
    public async Task The_page_gets_the_report_of_every_instance()
    {
        var store = new InMemoryFleet();
        await using var one = await DashboardFleet.StartAsync(store, "one");
        await using var two = await DashboardFleet.StartAsync(store, "two");
        two.Payments.Trip("a test");
        var fleet = await Eventually.Is(() => ReadAsync(one), read => read.GetProperty("instances").GetArrayLength() == 2
            && read.GetProperty("breakers")[0].GetProperty("states").TryGetProperty("Open", out var open) && open.GetInt32() == 2, "both instances to report that payments is open");
        Assert.True(fleet.GetProperty("isShared").GetBoolean());
        Assert.Equal(["one", "two"], fleet.GetProperty("instances").EnumerateArray().Select(instance => instance.GetProperty("instance").GetString()));
        Assert.Equal("payments", fleet.GetProperty("breakers")[0].GetProperty("name").GetString());
        Assert.Equal("charge-order", fleet.GetProperty("instances")[0].GetProperty("endpoints")[0].GetProperty("name").GetString());

        store.IsDown = true;
        await Eventually.Is(() => ReadAsync(one), read => read.GetProperty("problem").ValueKind == JsonValueKind.String, "the problem to be reported");
    }

    [Fact]
    public async Task Without_a_store_there_is_no_fleet()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        Assert.False((await ReadAsync(dashboard)).GetProperty("isShared").GetBoolean());
    }

    [Fact]
    public void Counts_are_summed_and_an_instance_that_differs_from_the_majority_disagrees()
    {
        var breakers = FleetSummary.Of(
        [
            Report("one", BreakerState.Open, 10, 1),
            Report("two", BreakerState.HalfOpen, 20, 2),
            Report("three", BreakerState.Closed, 30, 3),
            Report("four", BreakerState.Open, 40, 4),
            Report("dead", BreakerState.Closed, 1_000, 1_000) with { IsSilent = true },
        ]);
        var payments = breakers.Single(breaker => breaker.Name == "payments");
        Assert.Equal((100, 10), (payments.Calls, payments.FailedCalls));
        Assert.Equal(["two"], payments.Probing);
        Assert.Equal(["three"], payments.Disagreeing);
        Assert.Equal((2, 1, 1), (payments.States[BreakerState.Open], payments.States[BreakerState.HalfOpen], payments.States[BreakerState.Closed]));
        // An instance's own breaker does not concern the others.
        Assert.Empty(breakers.Single(breaker => breaker.Name == "endpoint.work").Disagreeing);
    }

    static FleetReport Report(string instance, BreakerState state, long calls, long failed) => new()
    {
        Instance = instance,
        Breakers =
        [
            new ReportedBreaker { Name = "payments", State = state, Calls = calls, FailedCalls = failed },
            new ReportedBreaker { Name = "endpoint.work", State = instance == "one" ? BreakerState.Open : BreakerState.Closed, IsLocal = true },
        ],
    };

    static Task<JsonElement> ReadAsync(TestDashboard dashboard) => dashboard.ReadAsync("api/fleet");
}
