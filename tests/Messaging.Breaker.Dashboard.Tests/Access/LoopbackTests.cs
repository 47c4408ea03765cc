using System.Net;
using Messaging.Breaker.Dashboard.Tests.Support;

namespace Messaging.Breaker.Dashboard.Tests.Access;

public sealed class LoopbackTests
{
    [Theory]
    [InlineData("")]
    [InlineData("assets/js/app.js")]
    [InlineData("api/state")]
    [InlineData("api/history")]
    [InlineData("api/events")]
    [InlineData("api/token")]
    public async Task Reading_from_elsewhere_is_refused_without_a_policy(string path)
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var refused = await dashboard.GetAsync(path, from: TestDashboard.Elsewhere);
        using var admitted = await dashboard.GetAsync(path);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Equal(HttpStatusCode.OK, admitted.StatusCode);
    }

    [Theory]
    [InlineData("api/breakers/payments/trip")]
    [InlineData("api/breakers/payments/isolate")]
    [InlineData("api/breakers/payments/release")]
    [InlineData("api/breakers/payments/reset")]
    [InlineData("api/endpoints/charge-order/pause")]
    [InlineData("api/endpoints/charge-order/resume")]
    public async Task Steering_from_elsewhere_is_refused_without_a_policy_and_logged(string path)
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var refused = await dashboard.PostWithoutTokenAsync(path, from: TestDashboard.Elsewhere);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains(TestDashboard.Elsewhere, Assert.Single(dashboard.Logged(201)), StringComparison.Ordinal);
        Assert.Equal(BreakerState.Closed, dashboard.Payments.State);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.9.10")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task Every_form_of_the_loopback_address_is_admitted(string address)
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.GetAsync("api/state", from: address);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Forwarded-Host", "localhost")]
    [InlineData("X-Original-For", "127.0.0.1:5000")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("Via", "1.1 proxy")]
    public async Task A_request_that_came_through_a_proxy_is_not_from_this_machine(string header, string value)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "api/state");
        request.Headers.Add(header, value);

        using var response = await dashboard.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains(header, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rebound.example", HttpStatusCode.Forbidden)]
    [InlineData("localhost.example", HttpStatusCode.Forbidden)]
    [InlineData("192.0.2.1:8080", HttpStatusCode.Forbidden)]
    [InlineData("localhost:8080", HttpStatusCode.OK)]
    [InlineData("[::1]:8080", HttpStatusCode.OK)]
    public async Task Only_a_loopback_host_is_served_which_defeats_DNS_rebinding(string host, HttpStatusCode expected)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var request = new HttpRequestMessage(HttpMethod.Get, "api/state");
        request.Headers.Host = host;

        using var response = await dashboard.SendAsync(request);

        Assert.Equal(expected, response.StatusCode);
    }
}
