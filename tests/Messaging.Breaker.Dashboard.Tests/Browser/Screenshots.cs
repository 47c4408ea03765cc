using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>Pictures for the documentation, taken by the very tests, only if the variable names a directory for them.</summary>
static class Screenshots
{
    static readonly string? Folder = Environment.GetEnvironmentVariable("MESSAGING_BREAKER_SCREENSHOTS");

    public static bool AreWanted => Folder is { Length: > 0 };

    /// <summary>How fast a queue can drain, which forecasts follow from, is seen only while something waits in it.</summary>
    public static int Backlog => AreWanted ? 1_000 : 0;

    public static async Task TakeAsync(WatchedPage page, string name)
    {
        if (!AreWanted)
            return;
        // What the machine is called tells a reader nothing.
        await page.Page.EvaluateAsync("for (const host of document.querySelectorAll('#instance, [data-part=host]')) host.textContent = 'on node-1'");
        await page.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder!, $"{name}.png"), FullPage = true });
    }

    /// <summary>Of one panel.</summary>
    public static async Task TakeAsync(WatchedPage page, string panel, string name)
    {
        if (AreWanted)
            await page.Page.Locator(panel).ScreenshotAsync(new LocatorScreenshotOptions { Path = Path.Combine(Folder!, $"{name}.png") });
    }

    /// <summary>A picture of a chart is worth more when something is on it.</summary>
    public static Task LetHistoryGrowAsync(TimeSpan time) =>
        AreWanted ? Task.Delay(time, TestContext.Current.CancellationToken) : Task.CompletedTask;
}
