using System.Net;
using System.Text.Json;
using Messaging.Breaker.Dashboard.Tests.Support;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Sharing;

namespace Messaging.Breaker.Dashboard.Tests.Api;

public sealed class OperatorTests
{
    [Fact]
    public async Task Every_page_of_a_fleet_lists_who_did_what_with_the_latest_first()
    {
        var store = new InMemoryFleet();
        await using var one = await DashboardFleet.StartAsync(store, "one");
        await using var two = await DashboardFleet.StartAsync(store, "two");
        Assert.Equal(0, (await ReadAsync(one)).GetProperty("operators").GetArrayLength());
        await SteerAsync(one, "api/breakers/payments/isolate", new { reason = "their <b>maintenance</b>", expirySeconds = 3600 }, "anna");
        await UntilWrittenAsync(1);
        await SteerAsync(two, "api/endpoints/charge-order/pause", new { reason = "migrating" }, null);
        await UntilWrittenAsync(2);
        store.Put("operators", "broken", "{");
        foreach (var dashboard in new[] { one, two })
        {
            var read = await Eventually.Is(() => ReadAsync(dashboard), read => read.GetProperty("operators").GetArrayLength() == 2, "both actions to be listed");
            Assert.Equal((true, JsonValueKind.Null), (read.GetProperty("isShared").GetBoolean(), read.GetProperty("problem").ValueKind));
            var (paused, isolated) = (read.GetProperty("operators")[0], read.GetProperty("operators")[1]);
            Assert.Equal(("pause", "endpoint", "charge-order", "migrating", "127.0.0.1"), (Text(paused, "action"), Text(paused, "kind"), Text(paused, "subject"), Text(paused, "reason"), Text(paused, "by")));
            Assert.Equal(("isolate", "breaker", "payments", "their <b>maintenance</b>", "anna"), (Text(isolated, "action"), Text(isolated, "kind"), Text(isolated, "subject"), Text(isolated, "reason"), Text(isolated, "by")));
            Assert.Equal((JsonValueKind.Null, 3600d), (paused.GetProperty("seconds").ValueKind, isolated.GetProperty("seconds").GetDouble()));
            Assert.InRange(isolated.GetProperty("at").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-2), DateTimeOffset.UtcNow);
        }

        store.IsDown = true;
        await Eventually.Is(() => ReadAsync(two), read => read.GetProperty("problem").ValueKind == JsonValueKind.String, "the problem to be reported");

        Task UntilWrittenAsync(int count) => Eventually.Is(() => store.TextsOf("operators").Count == count, $"{count} to be written");
    }

    [Fact]
    public async Task Without_a_store_there_is_no_list_of_actions()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await SteerAsync(dashboard, "api/breakers/payments/isolate", new { reason = "maintenance" }, null);
        var read = await ReadAsync(dashboard);
        Assert.Equal((false, 0, JsonValueKind.Null), (read.GetProperty("isShared").GetBoolean(), read.GetProperty("operators").GetArrayLength(), read.GetProperty("problem").ValueKind));
    }

    [Fact]
    public async Task The_list_of_actions_is_refused_to_those_who_may_not_read()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var response = await dashboard.GetAsync("api/operators", from: TestDashboard.Elsewhere);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    static async Task SteerAsync(TestDashboard dashboard, string path, object body, string? user)
    {
        using var response = await dashboard.SteerAsync(path, body, user: user);
        response.EnsureSuccessStatusCode();
    }

    static Task<JsonElement> ReadAsync(TestDashboard dashboard) => dashboard.ReadAsync("api/operators");
}
