using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Dashboard.Tests.Support;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.Cli.Tests.CommandLine;

public sealed class ArgumentTests
{
    [Theory]
    [InlineData("status", "Neither --page nor --store")]
    [InlineData("status --page http://a --store redis://b", "Both a page and a store")]
    [InlineData("status --page ftp://anna:m4rked@a", "--page is not")]
    [InlineData("status --store http://anna:m4rked@a", "has the scheme 'http'")]
    [InlineData("status --store redis://anna:m4rked@a/x", "--store is not a valid Redis address")]
    [InlineData("status --store amqp://anna:m4rked@a/b/c", "Address is not a valid address")]
    [InlineData("status --store redis://a --prefix {x}", "must have 1 to 100 characters and no braces")]
    [InlineData("status redis://anna:m4rked@a --unheard-of", "'--unheard-of'")]
    [InlineData("isolate payments --page http://a", "Option '--reason' is required")]
    [InlineData("isolate payments -r x --for 5 --page http://a", "--for must be a length such as 45s, 5m, 1h30m or 2d, not '5'")]
    [InlineData("isolate -r x --page http://a", "needs names or --all, but not both")]
    [InlineData("status --page http://a --header nonsense", "--header must be a name and a value")]
    [InlineData("watch --until asleep --page http://a", "asleep")]
    public async Task A_wrong_command_line_is_refused_without_showing_its_secrets(string line, string problem)
    {
        var result = await new Support.Cli().RunAsync(line.Split(' '));
        Assert.Equal((ExitCode.Usage, ""), (result.Code, result.Out));
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("m4rked", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("45s", 45)]
    [InlineData("1.5h", 5_400)]
    [InlineData("1h30m", 5_400)]
    [InlineData("2D", 172_800)]
    public void Valid_durations_are_parsed(string text, double seconds)
    {
        Assert.True(Durations.TryParse(text, out var length));
        Assert.Equal(seconds, length.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("0s")]
    [InlineData("-5m")]
    [InlineData("5 m")]
    [InlineData("9999d")]
    public void Invalid_durations_are_refused(string text) => Assert.False(Durations.TryParse(text, out _));

    [Fact]
    public async Task Help_and_the_completion_of_shells_need_no_source()
    {
        var help = await new Support.Cli().RunAsync("isolate", "--help");
        Assert.Equal(ExitCode.Done, help.Code);
        Assert.Contains("--for <LENGTH>", help.Out, StringComparison.Ordinal);
        foreach (var shell in new[] { "bash", "zsh", "fish", "pwsh" })
            Assert.Contains("[suggest:", (await new Support.Cli().RunAsync("completion", shell)).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_are_completed_from_the_page()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var cli = new Support.Cli().With("BREAKERS_PAGE", dashboard.Page.ToString());
        var line = "breakers isolate pay";
        // Completion gives up on a slow page, which can happen on a busy machine.
        await Eventually.Is(() => cli.RunAsync($"[suggest:{line.Length}]", line), result => result.Out.Trim() == "payments", "the name to be completed");
        Assert.Contains("isolate", (await new Support.Cli().RunAsync("[suggest:12]", "breakers iso")).Out, StringComparison.Ordinal);
    }
}
