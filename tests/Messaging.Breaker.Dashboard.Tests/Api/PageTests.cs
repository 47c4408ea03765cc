using System.Net;
using System.Text.RegularExpressions;
using Messaging.Breaker.Dashboard.Tests.Support;

namespace Messaging.Breaker.Dashboard.Tests.Api;

public sealed partial class PageTests
{
    [Fact]
    public async Task The_page_is_served_with_all_its_parts_and_nothing_from_elsewhere()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var page = await dashboard.GetAsync("");
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        var parts = Links().Matches(html).Select(link => link.Groups[1].Value).Where(link => !link.StartsWith('#')).ToList();

        Assert.Equal(8, parts.Count);
        foreach (var part in parts)
        {
            using var response = await dashboard.GetAsync(part);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task The_page_forbids_inline_scripts_framing_and_caching()
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var page = await dashboard.GetAsync("");

        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("DENY", Assert.Single(page.Headers.GetValues("X-Frame-Options")));
        Assert.Equal("no-store", page.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task A_part_that_has_not_changed_is_not_sent_again()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var first = await dashboard.GetAsync("assets/js/app.js");
        var again = new HttpRequestMessage(HttpMethod.Get, "assets/js/app.js");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await dashboard.SendAsync(again);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Theory]
    [InlineData("assets/js/none.js")]
    [InlineData("assets/../Messaging.Breaker.dll")]
    [InlineData("assets/%2e%2e/appsettings.json")]
    public async Task Only_the_parts_of_the_page_are_served(string path)
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.GetAsync(path);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Without_its_trailing_slash_the_address_redirects_to_the_page()
    {
        await using var dashboard = await TestDashboard.StartAsync();

        using var response = await dashboard.GetAsync("/breakers");

        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        Assert.Equal("breakers/", response.Headers.Location?.OriginalString);
    }

    [GeneratedRegex("(?:src|href)=\"([^\"]+)\"")]
    private static partial Regex Links();
}
