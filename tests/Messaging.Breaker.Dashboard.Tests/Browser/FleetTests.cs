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
        var queue = $"fleet-{Guid.NewGuid():N}";
        await using var one = await StartAsync("one");
        await using var two = await StartAsync("two");
        await using var page = await browser.OpenAsync(one.Page);
        var fleet = page.Page.Locator("#fleet");
        var ofTwo = page.Page.Locator("[data-instance=two]");
        await Assertions.Expect(ofTwo).ToContainTextAsync("all running", Patiently);
        await Assertions.Expect(ofTwo).ToContainTextAsync("ago", Patiently);

        await page.SteerAsync(page.Endpoint(queue), $"Pause {queue}", "migrating the table");
        await UntilConsumersAsync(0);
        await Assertions.Expect(page.Endpoint(queue)).ToContainTextAsync("on the whole fleet");
        await Assertions.Expect(ofTwo).ToContainTextAsync("migrating the table", Patiently);
        await Screenshots.TakeAsync(page, "fleet");
        await page.SteerAsync(page.Endpoint(queue), $"Resume {queue}", null);
        await UntilConsumersAsync(2);

        await page.SteerAsync(page.Endpoint(queue), $"Pause {queue}", "odd", here: true);
        await UntilConsumersAsync(1);
        await Assertions.Expect(page.Page.Locator("[data-instance=one]")).ToContainTextAsync("held here only", Patiently);

        store.IsDown = true;
        await Assertions.Expect(fleet).ToContainTextAsync("cannot be read", Patiently);

        Task<Shop> StartAsync(string name) => Shop.OpenAsync(broker.Node, queue, TimeSpan.FromSeconds(2), share: breakers =>
            breakers.Share<SharingOptions>((_, _) => store.Connect(), options => (options.InstanceName, options.Heartbeat) = (name, TimeSpan.FromSeconds(1))));

        Task UntilConsumersAsync(int count) => Eventually.Is(
            () => broker.Node.GetQueueAsync(queue), figures => figures?.Consumers == count, $"the queue to have {count} consumers");
    }
}
