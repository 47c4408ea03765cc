using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Messaging.Breaker.Dashboard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Dashboard.Tests.Api;

public sealed class DeadLetterTests
{
    const string Address = "api/dead-letters/charge%2Forder_error";

    readonly FakeDeadLetters _letters = new();

    [Fact]
    public async Task Readers_see_the_ledger_but_only_steerers_see_the_groups()
    {
        await using var dashboard = await StartAsync(options => (options.ReadPolicy, options.SteerPolicy) = (TestUsers.Readers, TestUsers.Steerers));
        using var ledger = await dashboard.GetAsync("api/dead-letters", TestDashboard.Elsewhere, "ben");
        var view = await ledger.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(FakeDeadLetters.Queue, view.GetProperty("queues")[0].GetProperty("name").GetString());
        Assert.Equal("Running", view.GetProperty("runs")[0].GetProperty("state").GetString());

        using var reader = await dashboard.GetAsync($"{Address}/groups", TestDashboard.Elsewhere, "ben");
        using var steerer = await dashboard.GetAsync($"{Address}/groups", TestDashboard.Elsewhere, "anna");
        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.OK), (reader.StatusCode, steerer.StatusCode));
        Assert.False(Assert.Single(_letters.Looks).WithBodies);
    }

    [Fact]
    public async Task Bodies_are_shown_only_if_there_is_a_policy_and_it_admits_the_user()
    {
        await using (var dashboard = await StartAsync())
        {
            using var nobody = await dashboard.GetAsync($"{Address}/bodies");
            Assert.Equal(HttpStatusCode.NotFound, nobody.StatusCode);
        }

        await using var permitting = await StartAsync(options => options.BodyPolicy = TestUsers.Steerers);
        using var loopback = await permitting.GetAsync($"{Address}/bodies");
        using var anna = await permitting.GetAsync($"{Address}/bodies", user: "anna");
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (loopback.StatusCode, anna.StatusCode));
        Assert.True(Assert.Single(_letters.Looks).WithBodies);
    }

    [Fact]
    public async Task A_redrive_continues_after_the_response_and_names_who_ordered_it()
    {
        await using var dashboard = await StartAsync();
        using var response = await dashboard.SteerAsync($"{Address}/redrive", new { reason = "fixed", group = "0123", maxWaiting = 7, rate = 2.5 }, user: "anna");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var order = Assert.IsType<RedriveOrder>(Assert.Single(_letters.Orders));
        Assert.Equal(("fixed", "0123", 7, 2.5, "anna"), (order.Reason, order.Group, order.MaxWaiting, order.Rate, order.By));
        Assert.Contains("redrive queue", Assert.Single(dashboard.Logged(200)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_discard_cannot_name_a_file_on_the_server()
    {
        await using var dashboard = await StartAsync();
        using var named = await dashboard.SteerAsync($"{Address}/discard", new { reason = "old", file = "/etc/passwd" });
        Assert.Equal(HttpStatusCode.BadRequest, named.StatusCode);
        using var response = await dashboard.SteerAsync($"{Address}/discard", new { reason = "old", group = "0123", confirmLossOf = FakeDeadLetters.Queue });
        var order = Assert.IsType<DiscardOrder>(Assert.Single(_letters.Orders));
        Assert.Equal((null, FakeDeadLetters.Queue), (order.File, order.ConfirmLossOf));
    }

    [Fact]
    public async Task A_refusal_says_why()
    {
        await using var dashboard = await StartAsync();
        await RefuseAsync(new DeadLetterException("it is being worked on"), HttpStatusCode.Conflict);
        await RefuseAsync(new ArgumentException("no reason"), HttpStatusCode.BadRequest);
        await RefuseAsync(new KeyNotFoundException("not offered"), HttpStatusCode.NotFound);
        using var unknown = await dashboard.SteerAsync($"api/dead-letter-runs/{Guid.NewGuid()}/cancel", new { });
        using var known = await dashboard.SteerAsync($"api/dead-letter-runs/{_letters.Runs[0].Id}/cancel", new { });
        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), (unknown.StatusCode, known.StatusCode));

        async Task RefuseAsync(Exception refusal, HttpStatusCode status)
        {
            _letters.Refusal = refusal;
            using var response = await dashboard.SteerAsync($"{Address}/redrive", new { reason = "test" });
            Assert.Equal(status, response.StatusCode);
            Assert.Contains(refusal.Message, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Without_a_token_nothing_is_done()
    {
        await using var dashboard = await StartAsync();
        foreach (var path in (string[])[$"{Address}/redrive", $"{Address}/discard", $"api/dead-letter-runs/{_letters.Runs[0].Id}/cancel"])
        {
            using var response = await dashboard.PostWithoutTokenAsync(path);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }

        Assert.Empty(_letters.Orders);
    }

    Task<TestDashboard> StartAsync(Action<BreakerDashboardOptions>? configure = null) =>
        TestDashboard.StartAsync(configure, services => services.AddSingleton<IDeadLetters>(_letters));
}
