using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Tests.Support;
using Messaging.Breaker.Dashboard.Tests.Support;

namespace Messaging.Breaker.Cli.Tests.Pages;

public sealed class KeyTests
{
    [Fact]
    public async Task The_worst_keys_are_shown_others_are_found_and_each_is_steered_alone()
    {
        await using var dashboard = await StartAsync();
        var keys = dashboard.Breakers["webhooks"].Keys!;
        foreach (var number in Enumerable.Range(1, 20))
            _ = keys[$"healthy {number}"].State;
        var page = dashboard.Page.ToString();
        var isolated = await new Support.Cli().RunAsync("isolate", "webhooks", "--key", "..", "-r", "their certificate", "--by", "anna", "--page", page);
        Assert.Equal((ExitCode.Done, "webhooks[..] is Isolated.\n", ""), (isolated.Code, isolated.Out, isolated.Error));
        Assert.Equal((BreakerState.Isolated, BreakerState.Closed), (keys[".."].State, dashboard.Breakers["webhooks"].State));

        var shown = await new Support.Cli().RunAsync("keys", "--page", page);
        Assert.StartsWith("webhooks: 1 isolated of ", shown.Out, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^\.\. +Isolated .*their certificate \(anna\)$", shown.Out);
        Assert.Contains("breakers keys webhooks", (await new Support.Cli().RunAsync("status", "--page", page)).Out, StringComparison.Ordinal);
        var found = (await new Support.Cli().RunAsync("keys", "webhooks", "--search", "healthy 7", "--json", "--page", page)).Json.GetProperty("keys")[0];
        Assert.Equal("breaker summary keys areMore", Result.MembersOf(found));
        Assert.Equal("healthy 7", found.GetProperty("keys")[0].GetProperty("key").GetString());

        Assert.Equal(ExitCode.Done, (await new Support.Cli().RunAsync("reset", "webhooks", "--key", "..", "-r", "renewed", "--page", page)).Code);
        Assert.Equal(BreakerState.Closed, keys[".."].State);
    }

    [Fact]
    public async Task A_breaker_that_is_not_split_has_no_keys()
    {
        await using var dashboard = await StartAsync();
        var result = await new Support.Cli().RunAsync("keys", "payments", "--page", dashboard.Page.ToString());
        Assert.Equal(ExitCode.NotFound, result.Code);
        Assert.Contains("PartitionBy", result.Error, StringComparison.Ordinal);
    }

    static Task<TestDashboard> StartAsync() => TestDashboard.StartAsync(
        services: services => services.AddMessagingBreaker(breakers => breakers.Add("webhooks", options => options.PartitionBy<TestDashboard.Order>(order => $"{order.Id}"))),
        guard: endpoint => endpoint.UseBreaker("webhooks"));
}
