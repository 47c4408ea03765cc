using Messaging.Breaker.Dashboard.Tests.Support;
using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>An endpoint that one of two breakers is enough for, as the page tells of it.</summary>
public sealed class AlternativesTests(TestBrowser browser) : IClassFixture<TestBrowser>
{
    [Fact]
    public async Task It_says_what_stands_in_and_when_nothing_is_left()
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
