using Messaging.Breaker.Dashboard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>The page treats what others wrote as plain text and keeps it in its place.</summary>
public sealed class HostileTextTests(TestBrowser browser) : IClassFixture<TestBrowser>
{
    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task No_script_in_a_text_runs_and_no_text_leaves_its_place(int width)
    {
        await using var dashboard = await StartAsync(new HostileEndpoints());
        foreach (var (name, reason) in HostileTexts.BreakerNames.Zip(HostileTexts.Reasons))
            dashboard.Breakers[name].Trip(reason);
        foreach (var reason in HostileTexts.Reasons)
            dashboard.Payments.Isolate(reason);
        await using var page = await browser.OpenAsync(dashboard.Page, width: width);
        await Assertions.Expect(page.Page.Locator("#endpoints tr")).ToHaveCountAsync(2 * HostileTexts.QueueNames.Length);

        Assert.Empty(await LayoutProblems.FindAsync(page.Page));
        await page.Page.Locator("#endpoints tr button:visible").First.ClickAsync();
        Assert.Empty(await LayoutProblems.FindAsync(page.Page));

        Assert.Null(await page.Page.EvaluateAsync<int?>("window.ran"));
        Assert.Empty(page.ConsoleErrors);
        Assert.Equal(0, await page.Page.Locator("main script, main iframe, main img, main a, main [onerror], main [onclick], main [onload]").CountAsync());
    }

    [Fact]
    public async Task Each_endpoint_can_be_steered_by_its_button()
    {
        var endpoints = new HostileEndpoints();
        await using var dashboard = await StartAsync(endpoints);
        await using var page = await browser.OpenAsync(dashboard.Page);

        foreach (var (index, name) in HostileTexts.QueueNames.Index())
        {
            var row = page.Page.Locator("#endpoints tr").Nth(index);
            var isHeld = endpoints.HoldOf(name) is not null;
            await page.SteerAsync(row, isHeld ? "Resume" : "Pause", isHeld ? null : "a test");
            Assert.Equal(isHeld ? null : "a test", endpoints.HoldOf(name));
        }
    }

    [Fact]
    public async Task Each_breaker_can_be_steered_by_its_button()
    {
        await using var dashboard = await StartAsync(new HostileEndpoints());
        await using var page = await browser.OpenAsync(dashboard.Page);

        foreach (var name in HostileTexts.BreakerNames)
        {
            await page.SteerAsync(page.Breaker(name), "Isolate", "a test");
            await page.ExpectAsync(name, "Isolated");
            Assert.Equal(BreakerState.Isolated, dashboard.Breakers[name].State);
        }
    }

    static Task<TestDashboard> StartAsync(HostileEndpoints endpoints) => TestDashboard.StartAsync(services: services =>
    {
        services.AddMessagingBreaker(breakers => HostileTexts.BreakerNames.ToList().ForEach(name => breakers.Add(name)));
        services.AddSingleton<IEndpointRegistry>(endpoints);
        services.AddSingleton<IQueueMonitor>(new HostileQueues());
    });

    /// <summary>Queues without consumers, each with an alert. Their names differ from the endpoints' by one letter.</summary>
    sealed class HostileQueues : IQueueMonitor
    {
        public IReadOnlyList<QueueSnapshot> Queues { get; } =
        [
            .. HostileTexts.QueueNames.Select((name, index) => new QueueSnapshot
            {
                Queue = $"{name}.",
                Breakers = [],
                At = DateTimeOffset.UnixEpoch,
                Ready = long.MaxValue,
                Unacknowledged = long.MaxValue,
                Consumers = 1,
                ArrivalRate = 1e308,
                ServiceRate = 1e-300,
                TimeUntilDrained = TimeSpan.MaxValue,
                TimeUntilLoss = TimeSpan.MaxValue,
                Alerts = [new QueueAlert
                {
                    Rule = name,
                    Severity = AlertSeverity.Critical,
                    Queues = [name],
                    Message = HostileTexts.Reasons[index % HostileTexts.Reasons.Length],
                    Since = DateTimeOffset.UnixEpoch,
                }],
            }),
        ];
    }
}
