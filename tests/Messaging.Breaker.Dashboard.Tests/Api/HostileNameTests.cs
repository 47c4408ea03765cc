using System.Net;
using System.Text.Json;
using Messaging.Breaker.Dashboard.Tests.Support;

namespace Messaging.Breaker.Dashboard.Tests.Api;

public sealed class HostileNameTests
{
    [Fact]
    public async Task An_endpoint_with_any_name_is_shown_unchanged_and_can_be_steered()
    {
        await using var dashboard = await TestDashboard.StartAsync(endpoints: [.. HostileTexts.QueueNames.Select(name => name.Replace("%", "%25", StringComparison.Ordinal))]);
        Assert.Equal(HostileTexts.QueueNames.Order(StringComparer.Ordinal), (await ReadNamesAsync(dashboard)).Order(StringComparer.Ordinal));

        foreach (var name in HostileTexts.QueueNames)
        {
            var address = $"api/endpoints/{Uri.EscapeDataString(name)}";
            using var paused = await dashboard.SteerAsync($"{address}/pause", new { reason = "a test" });
            Assert.True(paused.StatusCode == HttpStatusCode.OK, $"{name}: {paused.StatusCode}");
            Assert.Equal(name, Assert.Single(dashboard.Endpoints.Endpoints, endpoint => endpoint.Hold is not null).Name);
            using var resumed = await dashboard.SteerAsync($"{address}/resume", new { });
            Assert.DoesNotContain(dashboard.Endpoints.Endpoints, endpoint => endpoint.Hold is not null);
        }

        Assert.All(dashboard.Logged(200), line => Assert.DoesNotContain(line, char.IsControl));
    }

    static async Task<IEnumerable<string?>> ReadNamesAsync(TestDashboard dashboard)
    {
        using var response = await dashboard.GetAsync("api/state");
        return [.. JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement
            .GetProperty("endpoints").EnumerateArray().Select(endpoint => endpoint.GetProperty("name").GetString())];
    }
}
