using System.Net;
using System.Text;
using System.Text.Json;
using Messaging.Breaker.Dashboard.Tests.Support;
using Messaging.Breaker.IntegrationTests.Sharing;

namespace Messaging.Breaker.Dashboard.Tests.Api;

public sealed class SteeringTests
{
    [Theory]
    [InlineData("api/breakers/payments/isolate")]
    [InlineData("api/endpoints/charge-order/pause")]
    public async Task Steering_without_a_token_is_refused_and_does_nothing(string path)
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.PostWithoutTokenAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("urn:messaging-breaker:anti-forgery-token", (await ProblemOf(response)).GetProperty("type").GetString());
        Assert.Equal(BreakerState.Closed, dashboard.Payments.State);
        Assert.Null(Assert.Single(dashboard.Endpoints.Endpoints).Hold);
        Assert.Single(dashboard.Logged(201));
    }

    [Fact]
    public async Task A_breaker_can_be_isolated_released_tripped_and_reset()
    {
        await using var dashboard = await TestDashboard.StartAsync();

        await SteerAsync(dashboard, "isolate", new { reason = "maintenance", expirySeconds = 3600 });
        var isolated = dashboard.Payments.GetSnapshot();
        Assert.Equal(BreakerState.Isolated, isolated.State);
        Assert.Contains("maintenance", isolated.Reason, StringComparison.Ordinal);
        Assert.Equal(3600, (isolated.NextProbeAt!.Value - isolated.Since).TotalSeconds, 1.0);

        await SteerAsync(dashboard, "release", new { reason = "done early" });
        Assert.Equal(BreakerState.HalfOpen, dashboard.Payments.State);
        await SteerAsync(dashboard, "trip", new { reason = "still down", minimumBreakSeconds = 600 });
        Assert.Equal(BreakerState.Open, dashboard.Payments.State);
        await SteerAsync(dashboard, "reset", new { reason = "false alarm" });
        Assert.Equal(BreakerState.Closed, dashboard.Payments.State);
        Assert.Equal(4, dashboard.Logged(200).Count());
        Assert.All(dashboard.Logged(200), line => Assert.StartsWith("127.0.0.1 steered", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_endpoint_can_be_paused_and_resumed_and_the_timeline_records_it()
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var paused = await dashboard.SteerAsync("api/endpoints/charge-order/pause", new { reason = "migrating", expirySeconds = 60 });
        Assert.Equal(HttpStatusCode.OK, paused.StatusCode);
        Assert.Equal("migrating", Assert.Single(dashboard.Endpoints.Endpoints).Hold?.Reason);
        using var resumed = await dashboard.SteerAsync("api/endpoints/charge-order/resume", new { });
        Assert.Equal(HttpStatusCode.OK, resumed.StatusCode);
        Assert.Null(Assert.Single(dashboard.Endpoints.Endpoints).Hold);

        using var history = await dashboard.GetAsync("api/history");
        var entries = (await ProblemOf(history)).GetProperty("timeline").EnumerateArray().Select(entry => entry.GetProperty("to").GetString());
        Assert.Equal(["Paused", "Resumed"], entries);
    }

    [Fact]
    public async Task An_endpoint_can_be_paused_for_the_fleet_or_on_one_instance_and_the_response_tells_the_outcome()
    {
        await using var dashboard = await TestDashboard.StartAsync(services: services => services.AddMessagingBreaker(breakers =>
            breakers.Share<SharingOptions>((_, _) => new InMemoryFleet().Connect(), options => options.InstanceName = "one")));

        using var paused = await dashboard.SteerAsync("api/endpoints/charge-order/pause", new { reason = "migrating" });
        Assert.Equal("Fleet", Assert.Single(paused.Headers.GetValues("Hold-Outcome")));
        var hold = (await ProblemOf(paused)).GetProperty("endpoints")[0].GetProperty("hold");
        Assert.Equal(("migrating", "one", JsonValueKind.Null), (hold.GetProperty("reason").GetString(), hold.GetProperty("instance").GetString(), hold.GetProperty("by").ValueKind));

        using var here = await dashboard.SteerAsync("api/endpoints/charge-order/resume", new { thisInstanceOnly = true });
        Assert.Equal("HeldByFleet", Assert.Single(here.Headers.GetValues("Hold-Outcome")));
        using var resumed = await dashboard.SteerAsync("api/endpoints/charge-order/resume", new { });
        Assert.Equal("Fleet", Assert.Single(resumed.Headers.GetValues("Hold-Outcome")));
        using var odd = await dashboard.SteerAsync("api/endpoints/charge-order/pause", new { reason = "odd", thisInstanceOnly = true });
        Assert.Equal("ThisInstance", Assert.Single(odd.Headers.GetValues("Hold-Outcome")));
        using var trip = await dashboard.SteerAsync("api/breakers/payments/trip", new { reason = "odd", thisInstanceOnly = true });
        Assert.Equal(HttpStatusCode.BadRequest, trip.StatusCode);
    }

    [Theory]
    [InlineData("isolate", "{}", "reason")]
    [InlineData("isolate", """{"reason":"  "}""", "reason")]
    [InlineData("isolate", """{"reason":"two\nlines"}""", "reason")]
    [InlineData("isolate", """{"reason":7}""", "reason")]
    [InlineData("isolate", """{"reason":"a test","expirySeconds":0}""", "expirySeconds")]
    [InlineData("isolate", """{"reason":"a test","expirySeconds":1e-8}""", "expirySeconds")]
    [InlineData("trip", """{"reason":"a test","minimumBreakSeconds":1e-8}""", "minimumBreakSeconds")]
    [InlineData("isolate", """{"reason":"a test","expirySeconds":1e300}""", "expirySeconds")]
    [InlineData("isolate", """{"reason":"a test","expirySeconds":"60"}""", "expirySeconds")]
    [InlineData("isolate", """{"reason":"a test","minimumBreakSeconds":60}""", "minimumBreakSeconds")]
    [InlineData("release", """{"reason":"a test","expirySeconds":60}""", "expirySeconds")]
    [InlineData("trip", """{"reason":"a test","expiry":60}""", "expiry")]
    [InlineData("trip", "reason", "body")]
    [InlineData("trip", "null", "body")]
    [InlineData("trip", "", "body")]
    public async Task Bad_input_is_refused_with_the_name_of_the_field(string action, string body, string field)
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.SteerAsync($"api/breakers/payments/{action}", new StringContent(body, Encoding.UTF8, "application/json"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(field, Assert.Single((await ProblemOf(response)).GetProperty("errors").EnumerateObject()).Name);
        Assert.Equal(BreakerState.Closed, dashboard.Payments.State);
    }

    [Theory]
    [InlineData("api/breakers/payments/isolate")]
    [InlineData("api/endpoints/charge-order/pause")]
    public async Task A_reason_without_visible_characters_is_refused(string path)
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.SteerAsync(path, new { reason = "\u202E\u2066" });

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(BreakerState.Closed, dashboard.Payments.State);
        Assert.Null(Assert.Single(dashboard.Endpoints.Endpoints).Hold);
    }

    [Fact]
    public async Task A_reason_that_is_too_long_is_refused()
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var longer = await dashboard.SteerAsync("api/breakers/payments/trip", new { reason = new string('x', 201) });
        using var huge = await dashboard.SteerAsync("api/breakers/payments/trip", new { reason = new string('x', 100_000) });

        Assert.Equal(HttpStatusCode.BadRequest, longer.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, huge.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_not_json_is_refused()
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.SteerAsync("api/breakers/payments/trip", new StringContent("reason=x", Encoding.UTF8, "text/plain"));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("api/breakers/paymnts/trip", "Known breakers: 'payments', 'email'")]
    [InlineData("api/endpoints/charge-ordr/pause", "Known endpoints: 'charge-order'")]
    public async Task An_unknown_name_is_refused_with_the_known_ones(string path, string known)
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.SteerAsync(path, new { reason = "a test" });

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains(known, (await ProblemOf(response)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disabled_breaker_cannot_be_isolated()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        dashboard.Payments.Disable("a test");

        using var response = await dashboard.SteerAsync("api/breakers/payments/isolate", new { reason = "maintenance" });

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Empty(dashboard.Logged(200));
    }

    static async Task SteerAsync(TestDashboard dashboard, string action, object body)
    {
        using var response = await dashboard.SteerAsync($"api/breakers/payments/{action}", body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    static async Task<JsonElement> ProblemOf(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
}
