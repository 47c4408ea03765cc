using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>The page during an outage of a few among many customers, on a real broker.</summary>
public sealed class KeyOutageTests(BrokerFixture broker, TestBrowser browser) : IClassFixture<TestBrowser>
{
    static readonly LocatorAssertionsToContainTextOptions Patient = new() { Timeout = 60_000 };

    [Fact]
    public async Task Keys_that_are_down_are_shown_with_their_waiting_messages_until_they_recover()
    {
        await using var worker = await WebhookWorker.StartAsync(broker.Node, $"webhooks-{Guid.NewGuid():N}"[..14]);
        await using var page = await browser.OpenAsync(worker.Page);
        await Eventually.Is(() => worker.Keys.Remembered, remembered => remembered == WebhookWorker.Customers.Count, "all customers to be known");
        await Screenshots.LetHistoryGrowAsync(TimeSpan.FromSeconds(20));

        (string Customer, string Why)[] down = [("acme", "hooks.acme.example answered 503"), ("globex", "hooks.globex.example: connection refused"), ("wayne/eu", "hooks.wayne.example: name or service not known")];
        foreach (var (customer, why) in down)
            worker.TakeDown(customer, why);
        worker.Keys["umbrella"].Isolate("umbrella moves house until Monday", TimeSpan.FromDays(3));
        await Assertions.Expect(page.Page.Locator("#keys-summary")).ToContainTextAsync("1 isolated", Patient);
        foreach (var (customer, _) in down)
            await Assertions.Expect(RowOf(page, customer).Locator("[data-part=parked]")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^[1-9]"), new LocatorAssertionsToHaveTextOptions { Timeout = 60_000 });
        await Assertions.Expect(page.Headline).ToContainTextAsync("webhooks is down for 3 keys", Patient);
        await Assertions.Expect(page.Page.Locator("#alerts")).ToContainTextAsync("Breaker 'webhooks': 3 keys are down", Patient);
        Assert.Empty(await LayoutProblems.FindAsync(page.Page));
        await Screenshots.LetHistoryGrowAsync(TimeSpan.FromSeconds(25));
        await Screenshots.TakeAsync(page, "keys");

        foreach (var (customer, _) in down)
            worker.BringBack(customer);
        await Assertions.Expect(page.Page.Locator("#keys-list tr")).ToHaveCountAsync(1, new LocatorAssertionsToHaveCountOptions { Timeout = 60_000 });
        await Assertions.Expect(RowOf(page, "umbrella")).ToContainTextAsync("umbrella moves house until Monday");
        Assert.Empty(page.ConsoleErrors);
    }

    static ILocator RowOf(WatchedPage page, string key) => page.Page.Locator($"[data-breaker-key='{key}']");
}
