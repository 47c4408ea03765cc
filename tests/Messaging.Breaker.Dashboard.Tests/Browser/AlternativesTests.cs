using Messaging.Breaker.Dashboard.Tests.Support;
using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>How the page shows an endpoint that needs only one of two breakers.</summary>
public sealed class AlternativesTests(TestBrowser browser) : IClassFixture<TestBrowser>
{
    [Fact]
    public async Task The_page_says_when_an_alternative_is_in_use_and_when_none_is_left()
    {
        await using var dashboard = await TestDashboard.StartAsync(
            services: services => services.AddMessagingBreaker(breakers => breakers.Add("payments-eu").Add("payments-us")),
            guard: endpoint => endpoint.UseAnyBreaker("payments-eu", "payments-us"));
        await using var page = await browser.OpenAsync(dashboard.Page);
        var row = page.Endpoint("charge-order");
        await Assertions.Expect(row).ToContainTextAsync("any of payments-eu or payments-us");

        dashboard.Breakers["payments-eu"].Isolate("test");
        await Assertions.Expect(page.Headline).ToContainTextAsync("an alternative is in use");
        await Assertions.Expect(row).ToContainTextAsync("Running");

        dashboard.Breakers["payments-us"].Isolate("test");
        await Assertions.Expect(row).ToContainTextAsync("Paused");
        await Assertions.Expect(row).ToContainTextAsync("none of 'payments-eu', 'payments-us' is closed");
        await Assertions.Expect(page.Headline).Not.ToContainTextAsync("an alternative is in use");
        Assert.Empty(page.ConsoleErrors);
    }
}
