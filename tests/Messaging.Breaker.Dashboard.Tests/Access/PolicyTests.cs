using System.Net;
using Messaging.Breaker.Dashboard.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Dashboard.Tests.Access;

public sealed class PolicyTests
{
    const string Trip = "api/breakers/payments/trip";

    [Fact]
    public async Task A_read_policy_allows_reading_from_elsewhere_but_not_steering()
    {
        await using var dashboard = await TestDashboard.StartAsync(options => options.ReadPolicy = TestUsers.Readers);

        using var anonymous = await dashboard.GetAsync("api/state");
        using var reader = await dashboard.GetAsync("api/state", TestDashboard.Elsewhere, "anna");
        using var token = await dashboard.GetAsync("api/token", TestDashboard.Elsewhere, "anna");
        using var steering = await dashboard.PostWithoutTokenAsync(Trip, TestDashboard.Elsewhere, "anna");

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal(HttpStatusCode.OK, reader.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, token.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, steering.StatusCode);
    }

    [Fact]
    public async Task A_steer_policy_decides_who_may_steer_and_the_log_names_the_user()
    {
        await using var dashboard = await TestDashboard.StartAsync(
            options => (options.ReadPolicy, options.SteerPolicy) = (TestUsers.Readers, TestUsers.Steerers));

        using var reader = await dashboard.PostWithoutTokenAsync(Trip, TestDashboard.Elsewhere, "ben");
        using var steerer = await dashboard.SteerAsync(Trip, new { reason = "maintenance" }, TestDashboard.Elsewhere, "anna");

        Assert.Equal(HttpStatusCode.Forbidden, reader.StatusCode);
        Assert.Equal(HttpStatusCode.OK, steerer.StatusCode);
        Assert.Equal(BreakerState.Open, dashboard.Payments.State);
        Assert.Equal("anna steered by the dashboard: trip breaker payments: maintenance (anna)", Assert.Single(dashboard.Logged(200)));
    }

    [Fact]
    public async Task A_steer_policy_alone_leaves_reading_to_this_machine()
    {
        await using var dashboard = await TestDashboard.StartAsync(options => options.SteerPolicy = TestUsers.Steerers);

        using var elsewhere = await dashboard.GetAsync("api/state", TestDashboard.Elsewhere, "anna");
        using var here = await dashboard.GetAsync("api/state");
        using var nobody = await dashboard.PostWithoutTokenAsync(Trip);

        Assert.Equal(HttpStatusCode.Forbidden, elsewhere.StatusCode);
        Assert.Equal(HttpStatusCode.OK, here.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
    }

    [Fact]
    public async Task A_policy_on_the_mapping_guards_and_unlocks_everything()
    {
        await using var dashboard = await TestDashboard.StartAsync(conventions: mapped => mapped.RequireAuthorization(TestUsers.Steerers));

        using var reading = await dashboard.GetAsync("api/state", TestDashboard.Elsewhere, "anna");
        using var steering = await dashboard.SteerAsync(Trip, new { reason = "maintenance" }, TestDashboard.Elsewhere, "anna");
        using var other = await dashboard.GetAsync("api/state", TestDashboard.Elsewhere, "ben");

        Assert.Equal(HttpStatusCode.OK, reading.StatusCode);
        Assert.Equal(HttpStatusCode.OK, steering.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, other.StatusCode);
    }

    [Fact]
    public async Task Allowing_anonymous_requests_unlocks_nothing()
    {
        await using var dashboard = await TestDashboard.StartAsync(
            options => options.ReadPolicy = TestUsers.Readers, conventions: mapped => mapped.AllowAnonymous());

        using var response = await dashboard.GetAsync("api/state", TestDashboard.Elsewhere, "anna");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task A_policy_that_does_not_exist_stops_the_host()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TestDashboard.StartAsync(options => options.SteerPolicy = "operatrs"));

        Assert.Contains("SteerPolicy names the authorization policy 'operatrs', which does not exist", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_that_is_out_of_range_stops_the_host()
    {
        var exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TestDashboard.StartAsync(options => options.History = TimeSpan.FromDays(1)));

        Assert.Contains("History is 1.00:00:00; it must be from 00:01:00 to 02:00:00", exception.Message, StringComparison.Ordinal);
    }
}
