using System.Text.Json;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Tests.Support;
using Messaging.Breaker.Dashboard.Tests.Support;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.Cli.Tests.Pages;

/// <summary>Reads the page of a real host.</summary>
public sealed class ReadingTests
{
    [Fact]
    public async Task Status_shows_breakers_and_endpoints_and_the_exit_code_of_check_says_if_all_are_closed()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var page = dashboard.Page.ToString();
        var healthy = await new Support.Cli().RunAsync("status", "--page", page, "--check");
        Assert.Equal((ExitCode.Done, ""), (healthy.Code, healthy.Error));
        Assert.Matches("(?m)^payments +Closed ", healthy.Out);
        Assert.Matches("(?m)^charge-order +Running +\\? ", healthy.Out);

        dashboard.Payments.Isolate("provider maintenance");
        var isolated = await new Support.Cli().RunAsync("status", "--page", page, "--check");
        Assert.Equal(ExitCode.NotAsWished, isolated.Code);
        Assert.Matches("(?m)^payments +Isolated +[0-9.]+m?s +release +provider maintenance$", isolated.Out);
        Assert.Equal(ExitCode.Done, (await new Support.Cli().RunAsync("status", "EMAIL", "--page", page, "--check")).Code);
    }

    [Fact]
    public async Task The_json_of_status_has_these_members()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        dashboard.Payments.Isolate("provider maintenance", TimeSpan.FromHours(1));
        dashboard.Endpoints.Pause("charge-order", "migration", TimeSpan.FromHours(1));
        var json = (await new Support.Cli().RunAsync("status", "--page", dashboard.Page.ToString(), "--json")).Json;

        Assert.Equal("source address service instance at instances breakers endpoints otherQueues alerts keys untold", Result.MembersOf(json));
        var payments = json.GetProperty("breakers")[0];
        Assert.Equal("name state mode reason since downSince nextProbeAt decider rampLimit calls failedCalls", Result.MembersOf(payments));
        Assert.Equal(("payments", "Isolated", "Enforcing"), (Text(payments, "name"), Text(payments, "state"), Text(payments, "mode")));
        var endpoint = json.GetProperty("endpoints")[0];
        Assert.Equal("name state limit breakers hold queue", Result.MembersOf(endpoint));
        Assert.Equal("reason since until by instance", Result.MembersOf(endpoint.GetProperty("hold")));
        Assert.Equal("page", Text(json, "source"));
    }

    [Fact]
    public async Task The_page_is_found_from_the_host_alone_or_from_the_environment()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var host = dashboard.Page.GetLeftPart(UriPartial.Authority);
        var result = await new Support.Cli().With("BREAKERS_PAGE", host).RunAsync("status");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        var elsewhere = await new Support.Cli().RunAsync("status", "--page", $"{host}/nowhere");
        Assert.Equal(ExitCode.NotFound, elsewhere.Code);
        Assert.Contains("There is no breaker page at", elsewhere.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_prints_a_line_for_each_change_into_a_pipe()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var output = new Support.Cli.Written();
        dashboard.Payments.Isolate("provider maintenance");
        var watching = new Support.Cli().RunAsync(["watch", "--page", dashboard.Page.ToString(), "--interval", "20ms"], enough.Token, output);
        await UntilPrintedAsync("breaker payments: Isolated: provider maintenance\n");
        dashboard.Payments.Reset("over");
        await UntilPrintedAsync("breaker payments: Isolated -> Closed: over\n");
        await enough.CancelAsync();
        Assert.Equal(ExitCode.Done, (await watching).Code);
        Assert.DoesNotContain("\e", output.Text, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+01:00  ", output.Text);

        Task UntilPrintedAsync(string line) =>
            Eventually.Is(() => output.Text, text => text.Contains(line, StringComparison.Ordinal), $"\"{line.Trim()}\" to be printed");
    }

    [Fact]
    public async Task Watch_until_ends_once_the_state_is_reached_or_reports_a_timeout()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var page = dashboard.Page.ToString();
        dashboard.Payments.Isolate("provider maintenance");
        var vain = await new Support.Cli().RunAsync("watch", "payments", "--until", "closed", "--within", "300ms", "--page", page);
        Assert.Equal(ExitCode.NotAsWished, vain.Code);
        var waiting = new Support.Cli().RunAsync("watch", "payments", "--until", "closed", "--within", "1m", "--interval", "20ms", "--page", page, "--json");
        dashboard.Payments.Reset("over");
        var result = await waiting;
        Assert.Equal(ExitCode.Done, result.Code);
        var last = JsonSerializer.Deserialize<JsonElement>(result.Out.TrimEnd().Split('\n')[^1]);
        Assert.Equal("Closed", Text(last.GetProperty("breakers")[0], "state"));
    }

    [Fact]
    public async Task A_live_view_leaves_the_terminal_as_it_was()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var live = await new Support.Cli { IsTerminal = true }.RunAsync("watch", "--until", "closed", "--page", dashboard.Page.ToString());
        Assert.Equal(ExitCode.Done, live.Code);
        Assert.StartsWith("\e[?1049h\e[?25l", live.Out, StringComparison.Ordinal);
        Assert.EndsWith("\e[?25h\e[?1049l", live.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_has_colours_unless_they_are_not_wanted()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        string[] line = ["status", "--page", dashboard.Page.ToString()];
        Assert.Contains("\e[", (await new Support.Cli { IsTerminal = true }.RunAsync(line)).Out, StringComparison.Ordinal);
        foreach (var plain in new[]
        {
            await new Support.Cli().RunAsync(line),
            await new Support.Cli { IsTerminal = true }.RunAsync([.. line, "--no-color"]),
            await new Support.Cli { IsTerminal = true }.With("NO_COLOR", "1").RunAsync(line),
            await new Support.Cli { IsTerminal = true }.With("TERM", "dumb").RunAsync(line),
        })
            Assert.DoesNotContain("\e", plain.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_writes_everything_into_a_new_file()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var folder = Directory.CreateTempSubdirectory("breakers-");
        try
        {
            var file = Path.Combine(folder.FullName, "export.json");
            Assert.Equal(ExitCode.Done, (await new Support.Cli().RunAsync("export", "-o", file, "--page", dashboard.Page.ToString())).Code);
            var json = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            Assert.Equal("exportedAt address state history fleet outages deadLetters operators", Result.MembersOf(json));
            var again = await new Support.Cli().RunAsync("export", "-o", file, "--page", dashboard.Page.ToString());
            Assert.Equal(ExitCode.Failed, again.Code);
            Assert.Contains("--force", again.Error, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static string? Text(JsonElement json, string member) => json.GetProperty(member).GetString();
}
