using System.Net;
using System.Text.Json;
using Messaging.Breaker.Dashboard.Tests.Support;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Sharing;

namespace Messaging.Breaker.Dashboard.Tests.Api;

public sealed class OutageTests
{
    [Fact]
    public async Task Every_page_of_a_fleet_lists_an_outage_once()
    {
        var store = new InMemoryFleet();
        await using var one = await DashboardFleet.StartAsync(store, "one", heartbeat: TimeSpan.FromSeconds(1));
        await using var two = await DashboardFleet.StartAsync(store, "two", heartbeat: TimeSpan.FromSeconds(1));
        two.Payments.Isolate("<b>maintenance</b>");
        await Eventually.Is(() => one.Payments.State == BreakerState.Isolated, "the first instance to follow");
        two.Payments.Reset("done");
        foreach (var dashboard in new[] { one, two })
        {
            var outages = await Eventually.Is(() => ReadAsync(dashboard), read => read.GetProperty("outages").GetArrayLength() == 1
                && read.GetProperty("outages")[0].GetProperty("instance").GetString() == "two", "the outage to be listed");
            var outage = outages.GetProperty("outages")[0];
            Assert.Equal(("payments", "<b>maintenance</b>", "Operator", "done"), (Text(outage, "breaker"), Text(outage, "reason"), Text(outage, "cause"), Text(outage, "endReason")));
            Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (outage.GetProperty("delayed").ValueKind, outage.GetProperty("drainedInSeconds").ValueKind));
            Assert.Equal(JsonValueKind.Null, outages.GetProperty("problem").ValueKind);
        }

        store.IsDown = true;
        var alone = await Eventually.Is(() => ReadAsync(two), read => read.GetProperty("problem").ValueKind == JsonValueKind.String, "the problem to be reported");
        Assert.Equal(1, alone.GetProperty("outages").GetArrayLength());
    }

    [Fact]
    public async Task The_outages_are_refused_to_those_who_may_not_read()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var response = await dashboard.GetAsync("api/outages", from: TestDashboard.Elsewhere);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    static Task<JsonElement> ReadAsync(TestDashboard dashboard) => dashboard.ReadAsync("api/outages");
}
