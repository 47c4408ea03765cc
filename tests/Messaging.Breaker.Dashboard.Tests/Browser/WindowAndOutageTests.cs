using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

public sealed class WindowAndOutageTests(BrokerFixture broker, TestBrowser browser) : IClassFixture<TestBrowser>
{
    static readonly LocatorAssertionsToContainTextOptions Patiently = new() { Timeout = 30_000 };

    [Fact]
    public async Task A_window_planned_on_the_page_runs_and_is_listed_as_an_outage()
    {
        await using var shop = await Shop.OpenAsync(broker.Node, $"windows-{Guid.NewGuid():N}", TimeSpan.FromSeconds(2));
        await using var page = await browser.OpenAsync(shop.Page);
        var windows = page.Page.Locator("#windows");
        await Assertions.Expect(windows).ToContainTextAsync("No window is planned");
        await windows.GetByText("Plan a window").ClickAsync();
        await CheckLayoutAsync(page);
        await windows.GetByRole(AriaRole.Button, new() { Name = "Plan", Exact = true }).ClickAsync();
        await Assertions.Expect(windows).ToContainTextAsync("Say why");

        await windows.GetByLabel("What").SelectOptionAsync(new SelectOptionValue { Label = "Isolate payments" });
        await windows.GetByLabel("From").FillAsync("2099-01-01T02:00");
        await windows.GetByLabel("Reason").FillAsync("too far ahead");
        await windows.GetByRole(AriaRole.Button, new() { Name = "Plan", Exact = true }).ClickAsync();
        await Assertions.Expect(windows).ToContainTextAsync("at most 366 days ahead", Patiently);

        await windows.GetByLabel("From").FillAsync("");
        await windows.GetByLabel("Reason").FillAsync("their <b>database</b> moves");
        await windows.GetByRole(AriaRole.Button, new() { Name = "Plan", Exact = true }).ClickAsync();
        await Assertions.Expect(windows).ToContainTextAsync("their <b>database</b> moves", Patiently);
        await Assertions.Expect(windows).ToContainTextAsync("now, ", Patiently);
        await page.ExpectAsync("payments", "Isolated");
        await windows.GetByRole(AriaRole.Button, new() { Name = "Remove" }).ClickAsync();
        await Assertions.Expect(windows).ToContainTextAsync("No window is planned", Patiently);
        await page.ExpectAsync("payments", "Closed");

        var outages = page.Page.Locator("#outages");
        await Assertions.Expect(outages).ToContainTextAsync("their <b>database</b> moves", Patiently);
        await Assertions.Expect(outages).ToContainTextAsync("drained in", Patiently);
        await CheckLayoutAsync(page);
    }

    static async Task CheckLayoutAsync(WatchedPage page)
    {
        foreach (var width in new[] { 1_440, 900, 820, 360 })
        {
            await page.Page.SetViewportSizeAsync(width, 900);
            // The charts adapt a moment later.
            await Eventually.Is(() => LayoutProblems.FindAsync(page.Page), problems => problems.Length == 0, $"the layout to be in order at {width} pixels", TimeSpan.FromSeconds(5));
        }
    }
}
