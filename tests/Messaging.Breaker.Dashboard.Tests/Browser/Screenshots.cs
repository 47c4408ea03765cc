using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>Screenshots for the documentation. The tests take them if the environment variable names a directory.</summary>
static class Screenshots
{
    static readonly string? Folder = Environment.GetEnvironmentVariable("MESSAGING_BREAKER_SCREENSHOTS");

    public static bool AreWanted => Folder is { Length: > 0 };

    /// <summary>Messages that already wait. A forecast needs the rate at which a queue drains, so it needs messages.</summary>
    public static int Backlog => AreWanted ? 1_000 : 0;

    public static async Task TakeAsync(WatchedPage page, string name)
    {
        if (!AreWanted)
            return;
        // The name of the test machine would mean nothing to a reader.
        await page.Page.EvaluateAsync("for (const host of document.querySelectorAll('#instance, [data-part=host]')) host.textContent = 'on node-1'");
        await page.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(Folder!, $"{name}.png"), FullPage = true });
    }

    /// <summary>Takes a screenshot of one panel.</summary>
    public static async Task TakeAsync(WatchedPage page, string panel, string name)
    {
        if (AreWanted)
            await page.Page.Locator(panel).ScreenshotAsync(new LocatorScreenshotOptions { Path = Path.Combine(Folder!, $"{name}.png") });
    }

    /// <summary>Waits until the charts have something to show.</summary>
    public static Task LetHistoryGrowAsync(TimeSpan time) =>
        AreWanted ? Task.Delay(time, TestContext.Current.CancellationToken) : Task.CompletedTask;
}
