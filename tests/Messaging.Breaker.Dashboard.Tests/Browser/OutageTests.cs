using System.Text.RegularExpressions;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

public sealed partial class OutageTests(BrokerFixture broker, TestBrowser browser) : IClassFixture<TestBrowser>
{
    static readonly TimeSpan Break = TimeSpan.FromSeconds(Screenshots.AreWanted ? 6 : 2);

    [Fact]
    public async Task The_page_shows_an_outage_from_the_trip_to_the_close()
    {
        await using var shop = await Shop.OpenAsync(broker.Node, QueueName("charge-order"), Break);
        await using var page = await browser.OpenAsync(shop.Page);
        await page.ExpectAsync("payments", "Closed");
        await Assertions.Expect(page.Headline).ToContainTextAsync("Nothing is down");
        await Screenshots.LetHistoryGrowAsync(TimeSpan.FromSeconds(50));
        await Screenshots.TakeAsync(page, "closed");

        await page.NoteWhenAsync("payments", "Open");
        shop.PaymentsAreDown = true;
        await page.ExpectAsync("payments", "Open");
        var delay = await page.ReadNotedAsync() - shop.TrippedAt;
        Assert.InRange(delay!.Value.TotalSeconds, -0.01, 1);
        await Assertions.Expect(page.Headline).ToContainTextAsync("payments is down");
        await Assertions.Expect(page.Headline).ToContainTextAsync("10 failures or slow calls in a row");

        await Assertions.Expect(page.Endpoint(shop.Queue).Locator(".pill")).ToHaveTextAsync("Paused");
        var first = await Eventually.Is(() => page.ReadWaitingAsync(shop.Queue), waiting => waiting > 0, "messages to wait");
        await Eventually.Is(() => page.ReadWaitingAsync(shop.Queue), waiting => waiting > first, "the depth to rise");
        await Assertions.Expect(page.Page.Locator("#announcer")).ToContainTextAsync("payments is open");
        await Assertions.Expect(page.Page).ToHaveTitleAsync(TitleOfOutage());
        await Screenshots.LetHistoryGrowAsync(TimeSpan.FromSeconds(21));
        await page.ExpectAsync("payments", "Open");
        await Screenshots.TakeAsync(page, "open");
        await TakeOthersAsync(shop);

        // The probes neither fail nor succeed, so that the page can show the half-open state.
        shop.PaymentsHang = true;
        await page.ExpectAsync("payments", "Half-open");
        await Screenshots.TakeAsync(page, "halfopen");

        shop.PaymentsAreDown = false;
        shop.PaymentsHang = false;
        await page.ExpectAsync("payments", "Closed");
        await Eventually.Is(() => page.ReadWaitingAsync(shop.Queue), waiting => waiting < 10, "the queue to drain");
        await Screenshots.LetHistoryGrowAsync(TimeSpan.FromSeconds(3));
        await Screenshots.TakeAsync(page, "recovered");
    }

    [Fact]
    public async Task Isolate_on_the_page_pauses_the_endpoint_and_release_resumes_it()
    {
        await using var shop = await Shop.OpenAsync(broker.Node, QueueName("charge-order"), Break);
        await using var page = await browser.OpenAsync(shop.Page);
        await page.ExpectAsync("payments", "Closed");
        await UntilConsumersAsync(shop, 1);
        await Screenshots.LetHistoryGrowAsync(TimeSpan.FromSeconds(20));

        await page.SteerAsync(page.Breaker("payments"), "Isolate payments", "provider maintenance until noon");
        await page.ExpectAsync("payments", "Isolated");
        await UntilConsumersAsync(shop, 0);
        await Assertions.Expect(page.Headline).ToContainTextAsync("provider maintenance until noon");
        await Screenshots.LetHistoryGrowAsync(TimeSpan.FromSeconds(12));
        await Screenshots.TakeAsync(page, "isolated");

        await page.SteerAsync(page.Breaker("payments"), "Release payments", "done early");
        await page.ExpectAsync("payments", "Closed");
        await UntilConsumersAsync(shop, 1);
    }

    [Fact]
    public async Task Pause_on_the_page_holds_the_endpoint_and_resume_lets_it_go()
    {
        await using var shop = await Shop.OpenAsync(broker.Node, QueueName("charge-order"), Break);
        await using var page = await browser.OpenAsync(shop.Page, isPhone: true);
        await UntilConsumersAsync(shop, 1);

        await page.SteerAsync(page.Endpoint(shop.Queue), $"Pause {shop.Queue}", "migrating the table");
        await UntilConsumersAsync(shop, 0);
        await Assertions.Expect(page.Endpoint(shop.Queue)).ToContainTextAsync("migrating the table");

        await page.SteerAsync(page.Endpoint(shop.Queue), $"Resume {shop.Queue}", null);
        await UntilConsumersAsync(shop, 1);
    }

    [Fact]
    public async Task The_page_says_when_its_data_is_old_and_steers_again_after_a_restart_of_the_worker()
    {
        var queue = QueueName("restarted");
        var shop = await Shop.OpenAsync(broker.Node, queue, Break);
        var address = shop.Page;
        await using var page = await browser.OpenAsync(address);
        await page.ExpectAsync("payments", "Closed");

        await shop.DisposeAsync();
        await Assertions.Expect(page.Page.Locator("html")).ToHaveAttributeAsync("data-stream", "lost");
        await Assertions.Expect(page.Page.Locator("#stream")).ToContainTextAsync(new Regex("data is \\d+ s old"));
        await Screenshots.TakeAsync(page, "lost");

        await using var again = await Shop.OpenAsync(broker.Node, queue, Break, address);
        await Assertions.Expect(page.Page.Locator("html")).ToHaveAttributeAsync(
            "data-stream", "live", new LocatorAssertionsToHaveAttributeOptions { Timeout = 30_000 });
        await page.SteerAsync(page.Breaker("payments"), "Isolate payments", "the token of the last run is void");
        await page.ExpectAsync("payments", "Isolated");
    }

    static string QueueName(string name) => Screenshots.AreWanted ? name : $"{name}-{Guid.NewGuid():N}";

    async Task TakeOthersAsync(Shop shop)
    {
        await using var dark = await browser.OpenAsync(shop.Page, isDark: true);
        await Screenshots.LetHistoryGrowAsync(TimeSpan.FromSeconds(2));
        await dark.ExpectAsync("payments", "Open");
        await Screenshots.TakeAsync(dark, "dark");
        await using var phone = await browser.OpenAsync(shop.Page, isPhone: true);
        await Screenshots.LetHistoryGrowAsync(TimeSpan.FromSeconds(2));
        await phone.ExpectAsync("payments", "Open");
        Assert.Equal(360, await phone.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await Screenshots.TakeAsync(phone, "phone");
    }

    async Task UntilConsumersAsync(Shop shop, int consumers) => await Eventually.Is(
        () => broker.Node.GetQueueAsync(shop.Queue), queue => queue?.Consumers == consumers, $"the queue to have {consumers} consumers");

    [GeneratedRegex("^Open: payments")]
    private static partial Regex TitleOfOutage();
}
