using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Messaging.Breaker.Dashboard.Tests.Browser;

/// <summary>The dashboard in a browser, as a reader sees it.</summary>
public sealed class WatchedPage : IAsyncDisposable
{
    readonly IBrowserContext _context;
    readonly ConcurrentQueue<string> _problems = new();

    WatchedPage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    public ConcurrentQueue<string> ConsoleErrors { get; } = new();

    public ILocator Headline => Page.Locator("#headline");

    public static async Task<WatchedPage> OpenAsync(IBrowserContext context, Uri address)
    {
        var watched = new WatchedPage(context, await context.NewPageAsync());
        watched.Page.PageError += (_, error) => watched._problems.Enqueue(error);
        watched.Page.Request += (_, request) =>
        {
            if (new Uri(request.Url).Authority != address.Authority)
                watched._problems.Enqueue($"a request for {request.Url}");
        };
        watched.Page.Dialog += async (_, dialog) =>
        {
            watched._problems.Enqueue($"a dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        watched.Page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
                watched._problems.Enqueue(message.Text);
            if (message.Type == "error")
                watched.ConsoleErrors.Enqueue(message.Text);
        };
        await watched.Page.GotoAsync(address.ToString());
        await Assertions.Expect(watched.Page.Locator("html")).ToHaveAttributeAsync("data-stream", "live");
        return watched;
    }

    public ILocator Breaker(string name) => Page.Locator($"[data-breaker='{name}']");

    public ILocator Endpoint(string name) => Page.Locator($"[data-endpoint='{name}']");

    /// <summary>Expects the state as a word, because a reader may not see colours.</summary>
    public Task ExpectAsync(string breaker, string word, TimeSpan? within = null) =>
        Assertions.Expect(Breaker(breaker).Locator(".pill")).ToHaveTextAsync(
            word, new LocatorAssertionsToHaveTextOptions { Timeout = (float)(within ?? TimeSpan.FromSeconds(20)).TotalMilliseconds });

    /// <summary>Makes the page note when it first shows the breaker in that state.</summary>
    public Task NoteWhenAsync(string breaker, string state) => Page.EvaluateAsync(
        """
        ([breaker, state]) => {
          const row = document.querySelector(`[data-breaker='${breaker}']`);
          new MutationObserver(() => { if (row.dataset.state === state) window.notedAt ??= Date.now(); }).observe(row, { attributes: true });
        }
        """,
        new[] { breaker, state });

    /// <summary>The time that the page noted. It has the same clock as this process.</summary>
    public async Task<DateTimeOffset?> ReadNotedAsync() =>
        await Page.EvaluateAsync<double?>("window.notedAt") is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds((long)milliseconds) : null;

    public async Task<long> ReadWaitingAsync(string endpoint) =>
        long.TryParse((await Endpoint(endpoint).Locator("[data-part=waiting]").TextContentAsync())?.Replace(",", "", StringComparison.Ordinal), out var waiting)
            ? waiting
            : -1;

    /// <summary>Steers with the keyboard alone: the button, the reason, Enter.</summary>
    public async Task SteerAsync(ILocator row, string button, string? reason, bool here = false)
    {
        await row.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = button }).FocusAsync();
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Page.Locator("#steer")).ToBeVisibleAsync();
        if (here)
        {
            await Page.Locator("#steer-here").CheckAsync();
            await Page.Locator("#steer-reason").FocusAsync();
        }

        if (reason is not null)
            await Page.Keyboard.TypeAsync(reason);
        await Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(Page.Locator("#steer")).ToBeHiddenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.Empty(_problems);
    }
}
