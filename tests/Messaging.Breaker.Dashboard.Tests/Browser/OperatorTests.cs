using System.Text.Json;
using Messaging.Breaker.Dashboard.Tests.Support;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Sharing;
using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>How the page shows what operators did.</summary>
public sealed class OperatorTests(TestBrowser browser) : IClassFixture<TestBrowser>
{
    static readonly LocatorAssertionsToContainTextOptions Patiently = new() { Timeout = 20_000 };

    [Fact]
    public async Task An_action_on_one_page_is_listed_on_the_page_of_another_instance()
    {
        var store = new InMemoryFleet();
        await using var one = await DashboardFleet.StartAsync(store, "one");
        await using var two = await DashboardFleet.StartAsync(store, "two");
        await using var page = await browser.OpenAsync(one.Page);
        var operators = page.Page.Locator("#operators");
        await Assertions.Expect(page.Breaker("payments")).ToBeVisibleAsync();
        await Assertions.Expect(operators).ToBeHiddenAsync();

        await page.SteerAsync(page.Breaker("payments"), "Isolate payments", "their maintenance");
        await Eventually.Is(() => store.TextsOf("operators").Count == 1, "the action to be written to the store");
        using (var paused = await two.SteerAsync("api/endpoints/charge-order/pause", new { reason = "migrating", expirySeconds = 5400 }, user: "anna"))
            paused.EnsureSuccessStatusCode();
        var rows = operators.Locator("tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(2, new() { Timeout = 20_000 });
        await Assertions.Expect(rows.Nth(0)).ToContainTextAsync("pause endpoint charge-order");
        await Assertions.Expect(rows.Nth(0)).ToContainTextAsync("migrating");
        await Assertions.Expect(rows.Nth(0)).ToContainTextAsync("1 h 30 min");
        await Assertions.Expect(rows.Nth(0)).ToContainTextAsync("anna");
        await Assertions.Expect(rows.Nth(1)).ToContainTextAsync("isolate breaker payments");

        store.IsDown = true;
        await Assertions.Expect(operators).ToContainTextAsync("cannot be read", Patiently);
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        Assert.Empty(page.ConsoleErrors);
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task Hostile_entries_are_text_and_stay_in_their_place(int width)
    {
        var store = new InMemoryFleet();
        string[] texts = [.. HostileTexts.Reasons, .. HostileTexts.QueueNames];
        foreach (var (number, text) in texts.Index())
            store.Put("operators", $"{number}", JsonSerializer.Serialize(
                new { at = DateTimeOffset.UnixEpoch.AddDays(number), by = text, action = text, kind = text, subject = text, reason = text, seconds = 1e300 }));
        await using var dashboard = await DashboardFleet.StartAsync(store, "one");
        await using var page = await browser.OpenAsync(dashboard.Page, width: width);
        await Assertions.Expect(page.Page.Locator("#operators tbody tr")).ToHaveCountAsync(20, new() { Timeout = 20_000 });
        await Assertions.Expect(page.Page.Locator("#operators-more")).ToHaveTextAsync($"And {texts.Length - 20} before.");
        Assert.Empty(await LayoutProblems.FindAsync(page.Page));
        Assert.Null(await page.Page.EvaluateAsync<int?>("window.ran"));
        Assert.Empty(page.ConsoleErrors);
    }
}
