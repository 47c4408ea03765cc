using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>The system's Chromium, headless. If there is none, the run fails: a skipped test would look like a passed one.</summary>
public sealed class TestBrowser : IAsyncLifetime
{
    const string Variable = "MESSAGING_BREAKER_TEST_BROWSER";

    IPlaywright? _playwright;
    IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = FindChromium(), Args = ["--no-sandbox"] });
    }

    /// <summary>Opens a page. It fails the test if it calls any server but its own, or if its script throws.</summary>
    public async Task<WatchedPage> OpenAsync(Uri address, bool isDark = false, bool isPhone = false, int? width = null)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = isPhone ? new ViewportSize { Width = 360, Height = 740 } : new ViewportSize { Width = width ?? 1280, Height = 960 },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            DeviceScaleFactor = isPhone ? 2 : 1,
        });
        return await WatchedPage.OpenAsync(context, address);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    static string FindChromium()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path)
            return path;
        string[] usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
        return Array.Find(usual, File.Exists) ?? throw new InvalidOperationException(
            $"These tests need Chromium, and there is none at {string.Join(", ", usual)}. Install it with apt-get install chromium, "
            + $"or say in {Variable} where it is.");
    }
}
