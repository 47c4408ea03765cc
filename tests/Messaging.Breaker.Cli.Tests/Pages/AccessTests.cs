using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Tests.Support;
using Messaging.Breaker.Dashboard.Tests.Secrets;
using Messaging.Breaker.Dashboard.Tests.Support;

namespace Messaging.Breaker.Cli.Tests.Pages;

public sealed class AccessTests
{
    const string Elsewhere = $"{TestDashboard.RemoteAddress}: {TestDashboard.Elsewhere}";

    [Theory]
    [InlineData("--token", TokenUsers.Token)]
    [InlineData("--token", TokenUsers.Token, "--scheme", "ApiKey")]
    [InlineData("--header", $"Authorization: Bearer {TokenUsers.Token}")]
    public async Task A_token_of_the_policys_scheme_steers_in_its_users_name(params string[] credentials)
    {
        await using var dashboard = await StartAsync();
        var result = await new Support.Cli().RunAsync(
            ["isolate", "payments", "-r", "maintenance", "--by", "ci", "--page", dashboard.Page.ToString(), "--header", Elsewhere, .. credentials]);
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Assert.Equal("maintenance (anna, for ci)", dashboard.Payments.GetSnapshot().Reason);
    }

    [Fact]
    public async Task A_token_comes_from_the_environment_from_a_file_or_from_the_address()
    {
        await using var dashboard = await StartAsync();
        string[] line = ["status", "--header", Elsewhere, "--page", dashboard.Page.ToString()];
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, $"{TokenUsers.Token}\n", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Done, (await new Support.Cli().RunAsync([.. line, "--token-file", file])).Code);
        File.Delete(file);
        Assert.Equal(ExitCode.Usage, (await new Support.Cli().RunAsync([.. line, "--token-file", file])).Code);
        Assert.Equal(ExitCode.Done, (await new Support.Cli().With("BREAKERS_TOKEN", TokenUsers.Token).RunAsync(line)).Code);
        line[^1] = line[^1].Replace("http://", "http://anna:pass%2Fword@", StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, (await new Support.Cli().RunAsync(line)).Code);
    }

    [Fact]
    public async Task An_unknown_user_is_refused_without_repeating_the_token()
    {
        await using var dashboard = await StartAsync();
        string[] line = ["isolate", "payments", "-r", "maintenance", "--header", Elsewhere, "--page", dashboard.Page.ToString()];
        var unknown = await new Support.Cli().RunAsync([.. line, "--token", "wr0ng-token"]);
        Assert.Equal(ExitCode.Unauthorised, unknown.Code);
        Assert.Contains("BREAKERS_TOKEN", unknown.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("wr0ng", unknown.Error, StringComparison.Ordinal);
        Assert.Equal(BreakerState.Closed, dashboard.Payments.State);
    }

    [Fact]
    public async Task A_page_without_a_steer_policy_refuses_other_machines_and_names_the_option()
    {
        await using var dashboard = await TestDashboard.StartAsync(options => options.ReadPolicy = TestUsers.Readers);
        string[] line = ["--page", dashboard.Page.ToString(), "--header", Elsewhere, "--header", $"{TestUsers.Header}: ben"];
        Assert.Equal(ExitCode.Done, (await new Support.Cli().RunAsync(["status", .. line])).Code);
        var steering = await new Support.Cli().RunAsync(["trip", "payments", "-r", "maintenance", .. line]);
        Assert.Equal(ExitCode.Unauthorised, steering.Code);
        Assert.Contains("SteerPolicy", steering.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("nonsense")]
    [InlineData("unauthorised")]
    public async Task An_unreachable_source_is_named_without_its_secrets(string failure)
    {
        using var server = failure switch
        {
            "refused" => FailingServer.Refusing(),
            "nonsense" => FailingServer.Saying("HTTP/1.1 000 nonsense\r\n-ERR nonsense\r\n"),
            _ => FailingServer.Saying("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"),
        };
        var at = $"127.0.0.1:{server.Port}";
        foreach (var source in new[] { $"--page=http://anna:m4rked@{at}/", $"--store=redis://anna:m4rked@{at}", $"--store=amqp://anna:m4rked@{at}/vh" })
        {
            var result = await new Support.Cli().RunAsync("status", source, "--timeout", "2s", "--token", "m4rked-token");
            Assert.Contains(result.Code, new[] { ExitCode.Unreachable, ExitCode.Unauthorised });
            Assert.Contains(at, result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("m4rked", result.Error + result.Out, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        }
    }

    static Task<TestDashboard> StartAsync() => TestDashboard.StartAsync(
        options => (options.ReadPolicy, options.SteerPolicy) = (TokenUsers.Policy, TokenUsers.Policy), TokenUsers.AddTo);
}
