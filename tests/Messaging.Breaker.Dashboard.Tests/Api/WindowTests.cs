using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Messaging.Breaker.Dashboard.Tests.Support;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Sharing;

namespace Messaging.Breaker.Dashboard.Tests.Api;

public sealed class WindowTests
{
    [Fact]
    public async Task A_window_planned_on_one_instance_is_shown_on_all_begins_and_can_be_removed()
    {
        var store = new InMemoryFleet();
        await using var one = await DashboardFleet.StartAsync(store, "one");
        await using var two = await DashboardFleet.StartAsync(store, "two");
        Assert.Empty(await ReadAsync(one));
        using var planned = await one.SteerAsync("api/windows", new { endpoint = "charge-order", reason = "migrating", durationSeconds = 3600 });
        Assert.Equal(HttpStatusCode.OK, planned.StatusCode);
        var window = Assert.Single(WindowsIn(await planned.Content.ReadFromJsonAsync<JsonElement>(Cancellation)));
        Assert.Equal(("charge-order", "migrating", true), (window.GetProperty("endpoint").GetString(), window.GetProperty("reason").GetString(), window.GetProperty("isRemovable").GetBoolean()));
        var name = window.GetProperty("name").GetString()!;
        await Eventually.Is(() => ReadAsync(two), read => read.Count == 1, "the other instance to show the window");
        await Eventually.Is(() => new[] { one, two }.All(instance => instance.Endpoints.Endpoints[0].Hold?.By == $"window {name}"), "the window to begin everywhere");

        using var removed = await two.SteerAsync($"api/windows/{name}/remove", new { });
        Assert.Equal(HttpStatusCode.OK, removed.StatusCode);
        await Eventually.Is(() => new[] { one, two }.All(instance => instance.Endpoints.Endpoints[0].Hold is null), "the window to end everywhere");
        using var again = await two.SteerAsync($"api/windows/{name}/remove", new { });
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        await Eventually.Is(() => store.TextsOf("operators"), texts => texts.Count == 2, "the ledger to record who did it");

        store.IsDown = true;
        using var lost = await one.SteerAsync("api/windows", new { breaker = "payments", reason = "x", durationSeconds = 60 });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, lost.StatusCode);
    }

    [Fact]
    public async Task A_window_planned_in_code_is_shown_and_cannot_be_removed()
    {
        await using var dashboard = await TestDashboard.StartAsync(services: services => services.AddMessagingBreaker(breakers => breakers.PlanWindow("nightly", window =>
            (window.Breaker, window.Cron, window.Duration, window.Reason) = ("payments", "0 2 * * *", TimeSpan.FromSeconds(1), "backup"))));
        var window = Assert.Single(await ReadAsync(dashboard));
        Assert.Equal(("nightly", "0 2 * * *", "UTC", false), (window.GetProperty("name").GetString(), window.GetProperty("cron").GetString(), window.GetProperty("timeZone").GetString(), window.GetProperty("isRemovable").GetBoolean()));
        using var response = await dashboard.SteerAsync("api/windows/nightly/remove", new { });
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData("""{"breaker":"payments","durationSeconds":60}""", 400, "reason")]
    [InlineData("""{"breaker":"payments","reason":"x"}""", 400, "durationSeconds")]
    [InlineData("""{"breaker":"payments","reason":"x","durationSeconds":604801}""", 400, "durationSeconds")]
    [InlineData("""{"breaker":"payments","reason":"x","durationSeconds":60,"start":"9999-12-31T23:59:59Z"}""", 400, "start")]
    [InlineData("""{"breaker":"payments","reason":"x","start":"2020-01-01T00:00:00Z","end":"2020-01-02T00:00:00Z"}""", 400, "in the future")]
    [InlineData("""{"breaker":"payments","endpoint":"charge-order","reason":"x","durationSeconds":60}""", 400, "either a breaker or an endpoint")]
    [InlineData("""{"breaker":"paymnets","reason":"x","durationSeconds":60}""", 404, "paymnets")]
    [InlineData("""{"breaker":"payments","reason":"x","durationSeconds":60,"cron":"* * * * *"}""", 400, "cron")]
    public async Task A_window_that_makes_no_sense_is_refused_with_the_problem(string body, int status, string problem)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var response = await dashboard.SteerAsync("api/windows", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(problem, await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Empty(await ReadAsync(dashboard));
    }

    [Fact]
    public async Task A_window_is_planned_or_removed_only_by_those_who_may_steer()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var elsewhere = await dashboard.PostWithoutTokenAsync("api/windows", from: TestDashboard.Elsewhere);
        Assert.Equal(HttpStatusCode.Forbidden, elsewhere.StatusCode);
        using var untokened = await dashboard.PostWithoutTokenAsync("api/windows");
        Assert.Equal(HttpStatusCode.BadRequest, untokened.StatusCode);
        using var removal = await dashboard.PostWithoutTokenAsync("api/windows/x/remove");
        Assert.Equal(HttpStatusCode.BadRequest, removal.StatusCode);
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static async Task<List<JsonElement>> ReadAsync(TestDashboard dashboard) => WindowsIn(await dashboard.ReadAsync("api/windows"));

    static List<JsonElement> WindowsIn(JsonElement answer) => [.. answer.GetProperty("windows").EnumerateArray()];
}
