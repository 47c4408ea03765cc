using Messaging.Breaker.Dashboard.Tests.Support;
using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>The keys of a breaker on the page: the worst ones, the search and the buttons.</summary>
public sealed class KeyTests(TestBrowser browser) : IClassFixture<TestBrowser>
{
    static readonly TimeSpan Break = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_breaker_with_keys_has_a_panel_that_shows_which_are_down()
    {
        await using var dashboard = await KeyedDashboard.StartAsync();
        KeyedDashboard.AddHealthy(dashboard, 40);
        var keys = KeyedDashboard.KeysOf(dashboard);
        await using var page = await browser.OpenAsync(dashboard.Page);
        await Assertions.Expect(page.Page.Locator("#keys")).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.Locator("#keys-more")).ToHaveTextAsync("No key is down.");
        await Assertions.Expect(page.Headline).ToContainTextAsync("Nothing is down");

        foreach (var number in Enumerable.Range(1, 12))
            keys[$"customer {number}"].Trip("10 failures or slow calls in a row", Break);
        keys["moving house"].Isolate("until Monday");
        await Assertions.Expect(page.Page.Locator("#keys-list tr")).ToHaveCountAsync(10);
        await Assertions.Expect(page.Page.Locator("#keys-summary")).ToContainTextAsync("12 open · 1 isolated · no message waits · 53 keys known here");
        await Assertions.Expect(page.Page.Locator("#keys-more")).ToHaveTextAsync("3 more are not closed: find them by part of their name.");
        await Assertions.Expect(page.Headline).ToContainTextAsync("webhooks is down for 12 keys");
        await Assertions.Expect(page.Page.Locator("#announcer")).ToHaveTextAsync("12 keys of webhooks down");
        await Assertions.Expect(page.Page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex("^12 keys down: webhooks"));
        Assert.Empty(await LayoutProblems.FindAsync(page.Page));
        Assert.Empty(page.ConsoleErrors);
    }

    [Fact]
    public async Task Without_keys_there_is_no_panel()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await using var page = await browser.OpenAsync(dashboard.Page);
        await Assertions.Expect(page.Breaker("payments")).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.Locator("#keys")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_healthy_key_is_found_isolated_and_released_by_keyboard()
    {
        await using var dashboard = await KeyedDashboard.StartAsync();
        KeyedDashboard.AddHealthy(dashboard, 40);
        var keys = KeyedDashboard.KeysOf(dashboard);
        await using var page = await browser.OpenAsync(dashboard.Page);
        await page.Page.Locator("#keys-search").FillAsync("customer 17");
        var row = RowOf(page, "healthy customer 17");
        await Assertions.Expect(row).ToContainTextAsync("Closed");

        await page.SteerAsync(row, "Isolate healthy customer 17", "it moves house until Monday");
        await Assertions.Expect(row.Locator(".pill")).ToHaveTextAsync("Isolated");
        Assert.Equal("it moves house until Monday", Assert.Single(keys.NotClosed).Reason);
        await Assertions.Expect(page.Page.Locator("#timeline li").First).ToContainTextAsync("webhooks[healthy customer 17] Closed → Isolated");

        await page.SteerAsync(row, "Release healthy customer 17", "it has moved");
        await Assertions.Expect(row.Locator(".pill")).ToHaveTextAsync("Half-open");
        await page.SteerAsync(row, "Reset healthy customer 17", "it works");
        await Assertions.Expect(row.Locator(".pill")).ToHaveTextAsync("Closed");
        Assert.Empty(keys.NotClosed);
        await page.Page.Locator("#keys-search").FillAsync("");
        await Assertions.Expect(page.Page.Locator("#keys-more")).ToHaveTextAsync("No key is down.");
        Assert.Empty(page.ConsoleErrors);
    }

    [Fact]
    public async Task A_key_never_seen_can_be_isolated_by_its_name()
    {
        await using var dashboard = await KeyedDashboard.StartAsync();
        await using var page = await browser.OpenAsync(dashboard.Page);
        await page.Page.Locator("#keys-search").FillAsync("globex/eu");
        var row = RowOf(page, "globex/eu");
        await Assertions.Expect(row).ToContainTextAsync("does not know this key");
        await page.SteerAsync(row, "Isolate globex/eu", "not before Monday");
        await Assertions.Expect(row.Locator(".pill")).ToHaveTextAsync("Isolated");
        Assert.Equal("globex/eu", Assert.Single(KeyedDashboard.KeysOf(dashboard).NotClosed).Key);
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Hostile_keys_are_text_and_each_is_steered_by_its_button(int width)
    {
        await using var dashboard = await KeyedDashboard.StartAsync();
        var keys = KeyedDashboard.KeysOf(dashboard);
        await using var page = await browser.OpenAsync(dashboard.Page, width: width);
        foreach (var (index, key) in KeyedDashboard.HostileKeys.Index())
        {
            keys[key].Isolate(HostileTexts.Reasons[index % HostileTexts.Reasons.Length]);
            var row = page.Page.Locator("#keys-list tr");
            await Assertions.Expect(row).ToHaveCountAsync(1);
            Assert.Empty(await LayoutProblems.FindAsync(page.Page));
            await page.SteerAsync(row, "Reset", "a test");
            await Assertions.Expect(row).ToHaveCountAsync(0);
            Assert.Empty(keys.NotClosed);
            Assert.Equal(BreakerState.Closed, dashboard.Breakers["webhooks"].State);
        }

        Assert.Null(await page.Page.EvaluateAsync<int?>("window.ran"));
        Assert.Empty(page.ConsoleErrors);
    }

    [Fact]
    public async Task A_long_key_is_shortened_on_the_screen_and_complete_in_its_tooltip()
    {
        await using var dashboard = await KeyedDashboard.StartAsync();
        var key = new string('a', 100) + new string('z', 90);
        KeyedDashboard.KeysOf(dashboard)[key].Isolate("test");
        await using var page = await browser.OpenAsync(dashboard.Page);
        var name = page.Page.Locator("#keys-list .name");
        await Assertions.Expect(name).ToHaveTextAsync(new string('a', 45) + "…" + new string('z', 14));
        await Assertions.Expect(name).ToHaveAttributeAsync("title", key);
    }

    static ILocator RowOf(WatchedPage page, string key) => page.Page.Locator($"[data-breaker-key='{key}']");
}
