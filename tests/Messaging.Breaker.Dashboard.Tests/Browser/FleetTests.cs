using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Sharing;
using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

public sealed class FleetTests(BrokerFixture broker, TestBrowser browser) : IClassFixture<TestBrowser>
{
    static readonly LocatorAssertionsToContainTextOptions Patiently = new() { Timeout = 20_000 };

    [Fact]
    public async Task The_page_of_one_instance_shows_and_steers_the_fleet()
    {
        var store = new InMemoryFleet();
        var queue = Screenshots.AreWanted ? "charge-order" : $"fleet-{Guid.NewGuid():N}";
        await using var one = await StartAsync("worker-1");
        await using var two = await StartAsync("worker-2");
        await using var three = await StartAsync("worker-3");
        await using var page = await browser.OpenAsync(one.Page);
        var fleet = page.Page.Locator("#fleet");
        var ofTwo = page.Page.Locator("[data-instance=worker-2]");
        var ofThree = page.Page.Locator("[data-instance=worker-3]");
        foreach (var other in new[] { ofTwo, ofThree })
        {
            await Assertions.Expect(other).ToContainTextAsync("all running", Patiently);
            await Assertions.Expect(other).ToContainTextAsync("ago", Patiently);
        }

        await Screenshots.LetHistoryGrowAsync(TimeSpan.FromSeconds(15));
        await BreakAsync(true);
        await Assertions.Expect(fleet.Locator("[data-fleet-breaker=payments]")).ToContainTextAsync("3 open", Patiently);
        await Screenshots.LetHistoryGrowAsync(TimeSpan.FromSeconds(15));
        await BreakAsync(false);
        await Assertions.Expect(fleet.Locator("[data-fleet-breaker=payments]")).ToContainTextAsync("3 closed", Patiently);
        await Assertions.Expect(page.Page.Locator("#outages")).ToContainTextAsync("10 failures or slow calls in a row", Patiently);
        await Assertions.Expect(page.Page.Locator("#outages")).ToContainTextAsync("drained in", Patiently);
        await PlanAsync(page, "their database moves");

        await page.SteerAsync(page.Endpoint(queue), $"Pause {queue}", "migrating the table");
        await UntilConsumersAsync(0);
        await Assertions.Expect(page.Endpoint(queue)).ToContainTextAsync("on the whole fleet");
        await Assertions.Expect(ofTwo).ToContainTextAsync("migrating the table", Patiently);
        await Assertions.Expect(ofThree).ToContainTextAsync("migrating the table", Patiently);
        await Assertions.Expect(page.Page.Locator("#operators tr")).ToHaveCountAsync(3, new() { Timeout = 20_000 }); // With the header row.
        await Screenshots.LetHistoryGrowAsync(TimeSpan.FromSeconds(5));
        await Screenshots.TakeAsync(page, "fleet");
        await Screenshots.TakeAsync(page, "#windows", "windows");
        await Screenshots.TakeAsync(page, "#outages", "outages");
        await page.SteerAsync(page.Endpoint(queue), $"Resume {queue}", null);
        await UntilConsumersAsync(3);

        await page.SteerAsync(page.Endpoint(queue), $"Pause {queue}", "odd", here: true);
        await UntilConsumersAsync(2);
        await Assertions.Expect(page.Page.Locator("[data-instance=worker-1]")).ToContainTextAsync("held here only", Patiently);

        store.IsDown = true;
        await Assertions.Expect(fleet).ToContainTextAsync("cannot be read", Patiently);

        // It takes a while until all instances agree, because probes go on meanwhile.
        Task BreakAsync(bool isDown)
        {
            foreach (var shop in new[] { one, two, three })
                shop.PaymentsAreDown = isDown;
            return Eventually.Is(() => new[] { one, two, three }.All(shop => shop.Payments.State == BreakerState.Closed != isDown), $"payments to be {(isDown ? "down" : "back")} on all instances");
        }

        Task<Shop> StartAsync(string name) => Shop.OpenAsync(broker.Node, queue, TimeSpan.FromSeconds(2), share: breakers =>
            breakers.Share<SharingOptions>((_, _) => store.Connect(), options => (options.InstanceName, options.Heartbeat) = (name, TimeSpan.FromSeconds(1))));

        Task UntilConsumersAsync(int count) => Eventually.Is(
            () => broker.Node.GetQueueAsync(queue), figures => figures?.Consumers == count, $"the queue to have {count} consumers");
    }

    static async Task PlanAsync(WatchedPage page, string reason)
    {
        var windows = page.Page.Locator("#windows");
        await windows.GetByText("Plan a window").ClickAsync();
        await windows.GetByLabel("What").SelectOptionAsync(new SelectOptionValue { Label = "Isolate email" });
        await windows.GetByLabel("From").FillAsync($"{DateTime.Now.AddDays(3):yyyy-MM-dd}T02:00");
        await windows.GetByLabel("Reason").FillAsync(reason);
        await windows.GetByRole(AriaRole.Button, new() { Name = "Plan", Exact = true }).ClickAsync();
        await Assertions.Expect(windows).ToContainTextAsync(reason, Patiently);
    }
}
