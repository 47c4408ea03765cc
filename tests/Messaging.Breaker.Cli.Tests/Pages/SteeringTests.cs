using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Tests.Support;
using Messaging.Breaker.Dashboard.Tests.Support;

namespace Messaging.Breaker.Cli.Tests.Pages;

public sealed class SteeringTests
{
    [Theory]
    [InlineData("trip", BreakerState.Open, BreakerMode.Enforcing)]
    [InlineData("isolate", BreakerState.Isolated, BreakerMode.Enforcing)]
    [InlineData("shadow", BreakerState.Closed, BreakerMode.Shadow)]
    [InlineData("disable", BreakerState.Closed, BreakerMode.Disabled)]
    public async Task Each_action_takes_effect_and_records_who_did_it(string action, BreakerState state, BreakerMode mode)
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var result = await new Support.Cli().RunAsync(action, "payments", "--reason", "provider maintenance", "--by", "ännä", "--page", dashboard.Page.ToString());
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Assert.StartsWith($"payments is {state}{(mode == BreakerMode.Enforcing ? "" : $" in mode {mode}")}", result.Out, StringComparison.Ordinal);
        Assert.Equal((state, mode), (dashboard.Payments.State, dashboard.Payments.Mode));
        Assert.Equal("provider maintenance (ännä)", dashboard.Payments.GetSnapshot().Reason);
        Assert.Equal(
            $"127.0.0.1, for ännä steered by the dashboard: {action} breaker payments: provider maintenance (ännä)", Assert.Single(dashboard.Logged(200)));
    }

    [Fact]
    public async Task Release_reset_and_enforce_undo_the_earlier_actions()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        dashboard.Payments.Isolate("maintenance");
        await SteerAsync(dashboard, "release", "payments");
        Assert.Equal(BreakerState.HalfOpen, dashboard.Payments.State);
        await SteerAsync(dashboard, "reset", "payments");
        Assert.Equal(BreakerState.Closed, dashboard.Payments.State);
        dashboard.Payments.Disable("for a test");
        await SteerAsync(dashboard, "enforce", "payments");
        Assert.Equal(BreakerMode.Enforcing, dashboard.Payments.Mode);
    }

    [Fact]
    public async Task A_duration_ends_an_isolation_and_a_hold_and_the_end_is_shown_with_its_zone()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        await SteerAsync(dashboard, "isolate", "payments", "--for", "1h30m");
        Assert.InRange(
            dashboard.Payments.GetSnapshot().NextProbeAt!.Value - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(85), TimeSpan.FromMinutes(90));
        var paused = await SteerAsync(dashboard, "pause", "Charge-Order", "--for", "5m");
        Assert.Matches(@"^charge-order is held until .* \+01:00\.", paused.Out);
        Assert.NotNull(dashboard.Endpoints.Endpoints[0].Hold?.Until);
        var resumed = await new Support.Cli().RunAsync("resume", "charge-order", "--page", dashboard.Page.ToString());
        Assert.StartsWith("charge-order is not held", resumed.Out, StringComparison.Ordinal);
        Assert.Null(dashboard.Endpoints.Endpoints[0].Hold);
    }

    [Fact]
    public async Task An_action_on_all_breakers_needs_an_answer_to_its_question()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        string[] line = ["isolate", "--all", "-r", "the network is moved", "--page", dashboard.Page.ToString()];
        var unasked = await new Support.Cli().RunAsync(line);
        Assert.Equal(ExitCode.Unconfirmed, unasked.Code);
        var refused = await new Support.Cli { Answer = "n" }.RunAsync(line);
        Assert.Equal(ExitCode.Unconfirmed, refused.Code);
        Assert.Equal(BreakerState.Closed, dashboard.Payments.State);
        var agreed = await new Support.Cli { Answer = "y" }.RunAsync(line);
        Assert.Equal(ExitCode.Done, agreed.Code);
        Assert.Contains("Isolate all 3 breakers (payments, email, endpoint.charge-order)? [y/N]", agreed.Error, StringComparison.Ordinal);
        Assert.All(dashboard.Breakers.Breakers, breaker => Assert.Equal(BreakerState.Isolated, breaker.State));
    }

    [Fact]
    public async Task An_unknown_name_is_refused_with_a_suggestion()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        var result = await new Support.Cli().RunAsync("isolate", "paymnets", "-r", "maintenance", "--page", dashboard.Page.ToString());
        Assert.Equal(ExitCode.NotFound, result.Code);
        Assert.Equal("breakers: There is no breaker named 'paymnets'. Did you mean 'payments'?\n", result.Error);
        Assert.Equal(BreakerState.Closed, dashboard.Payments.State);
    }

    [Fact]
    public async Task If_one_of_several_names_is_unknown_none_is_touched()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        string[] line = ["isolate", "payments", "emial", "-r", "maintenance", "--json", "--page", dashboard.Page.ToString()];
        Assert.Equal(ExitCode.NotFound, (await new Support.Cli().RunAsync(line)).Code);
        Assert.Equal(BreakerState.Closed, dashboard.Payments.State);
        line[2] = "email";
        var done = (await new Support.Cli().RunAsync(line)).Json.GetProperty("done");
        Assert.Equal(["payments", "email"], done.EnumerateArray().Select(each => each.GetProperty("name").GetString()));
        Assert.All(dashboard.Breakers.Breakers.Where(breaker => breaker.Name is "payments" or "email"), breaker => Assert.Equal(BreakerState.Isolated, breaker.State));
    }

    [Fact]
    public async Task A_refusal_by_the_breaker_is_reported_in_json_too()
    {
        await using var dashboard = await TestDashboard.StartAsync();
        dashboard.Payments.Disable("for a test");
        var result = await new Support.Cli().RunAsync("isolate", "payments", "-r", "maintenance", "--json", "--page", dashboard.Page.ToString());
        Assert.Equal((ExitCode.Refused, ""), (result.Code, result.Out));
        Assert.StartsWith("""{"error":{"code":"refused","exitCode":8,"message":"Breaker 'payments' is disabled""", result.Error, StringComparison.Ordinal);
    }

    static async Task<Result> SteerAsync(TestDashboard dashboard, params string[] line)
    {
        var result = await new Support.Cli().RunAsync([.. line, "--reason", "maintenance", "--page", dashboard.Page.ToString()]);
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        return result;
    }
}
