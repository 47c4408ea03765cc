using System.Text.Json;
using System.Text.RegularExpressions;
using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Tests.Support;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.Cli.Tests.Stores;

/// <summary>What the command does directly in a store, next to hosts that use the same store. It holds for every kind of store.</summary>
public abstract class StoreContract
{
    protected string Prefix { get; } = $"fleet-{Guid.NewGuid():N}";

    /// <summary>The store's address, with user and password if it has them.</summary>
    protected abstract string Address { get; }

    protected abstract void Share(MessagingBreakerBuilder breakers, string instance);

    [Fact]
    public async Task A_change_in_the_store_takes_effect_on_every_instance_and_records_who_made_it()
    {
        await using var fleet = await StartAsync("one", "two");
        var result = await RunAsync("isolate", "payments", "--reason", "provider maintenance", "--for", "2h", "--by", "anna", "--unlisted");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Assert.Matches(@"^payments is Isolated until .* \+01:00\. 2 instances follow\.\n$", result.Out);
        await UntilAllAsync(fleet, BreakerState.Isolated);
        Assert.All(fleet.Payments, breaker => Assert.Equal("anna (the command line): provider maintenance", breaker.GetSnapshot().Reason));

        Assert.Equal(ExitCode.Done, (await RunAsync("reset", "PAYMENTS", "--reason", "over")).Code);
        await UntilAllAsync(fleet, BreakerState.Closed);
        Assert.Equal(ExitCode.Done, (await RunAsync("disable", "payments", "--reason", "for a test")).Code);
        await Eventually.Is(() => fleet.Payments.All(breaker => breaker.Mode == BreakerMode.Disabled), "all breakers to be disabled");
        Assert.Equal(ExitCode.Refused, (await RunAsync("isolate", "payments", "--reason", "maintenance")).Code);
        Assert.Equal(ExitCode.Done, (await RunAsync("enforce", "payments", "--reason", "done")).Code);
        await Eventually.Is(() => fleet.Payments.All(breaker => breaker.Mode == BreakerMode.Enforcing), "all breakers to enforce again");

        var export = (await RunAsync("export")).Json;
        var operators = export.GetProperty("operators").EnumerateArray().Select(entry => $"{entry.GetProperty("action")} {entry.GetProperty("subject")}").ToList();
        Assert.Equal(["enforce payments", "disable payments", "reset payments", "isolate payments"], operators);
        Assert.Equal("anna", export.GetProperty("operators")[3].GetProperty("by").GetString());
    }

    [Fact]
    public async Task A_release_makes_one_instance_probe_at_once_and_a_trip_lasts_as_long_as_ordered()
    {
        await using var fleet = await StartAsync("one", "two");
        await RunAsync("isolate", "payments", "-r", "maintenance", "--unlisted");
        await UntilAllAsync(fleet, BreakerState.Isolated);
        Assert.Equal(ExitCode.Done, (await RunAsync("release", "payments", "-r", "over")).Code);
        await Eventually.Is(() => fleet.Payments.Count(breaker => breaker.State == BreakerState.HalfOpen), probing => probing == 1, "one instance to probe");
        Assert.Contains("Nothing to do", (await RunAsync("release", "payments", "-r", "again")).Out, StringComparison.Ordinal);

        await RunAsync("trip", "payments", "-r", "they asked for it", "--for", "10m");
        await UntilAllAsync(fleet, BreakerState.Open);
        var payments = (await RunAsync("status", "--json")).Json.GetProperty("breakers")[0];
        Assert.InRange(
            payments.GetProperty("nextProbeAt").GetDateTimeOffset() - payments.GetProperty("since").GetDateTimeOffset(), TimeSpan.FromMinutes(9.9), TimeSpan.FromMinutes(10.1));
    }

    [Fact]
    public async Task A_hold_covers_the_fleet_and_ends_by_a_resume_or_by_itself()
    {
        await using var fleet = await StartAsync("one", "two");
        var paused = await RunAsync("pause", "Charge-Order", "--reason", "migrating the table", "--for", "1h", "--by", "anna");
        Assert.Equal((ExitCode.Done, ""), (paused.Code, paused.Error));
        Assert.Matches(@"^charge-order is held on the whole fleet until .* \+01:00\. 2 instances follow\.\n$", paused.Out);
        await Eventually.Is(() => fleet.Endpoints.All(endpoint => endpoint.Hold is { Reason: "migrating the table", By: "anna", IsOfFleet: true }), "all endpoints to be held");
        await UntilShownAsync("(?m)^charge-order +Paused");
        Assert.Contains("charge-order is held by anna on the whole fleet", (await RunAsync("status")).Out, StringComparison.Ordinal);

        Assert.Equal(ExitCode.NotFound, (await RunAsync("resume", "charge-ordre")).Code);
        Assert.Equal(ExitCode.Done, (await RunAsync("resume", "charge-order")).Code);
        await Eventually.Is(() => fleet.Endpoints.All(endpoint => endpoint.Hold is null), "all endpoints to be released");
        Assert.Contains("was not held", (await RunAsync("resume", "charge-order")).Out, StringComparison.Ordinal);
        await RunAsync("pause", "charge-order", "-r", "for a moment", "--for", "1s");
        await UntilShownAsync("(?m)^charge-order +Running");
        Assert.DoesNotContain("is held", (await RunAsync("status")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_store_knows_breakers_and_endpoints_before_anything_changes()
    {
        await using var fleet = await StartAsync("one", "two");
        await UntilShownAsync("(?m)^payments +Closed");
        await UntilShownAsync("(?m)^charge-order +Running");
        Assert.Equal(ExitCode.NotFound, (await RunAsync("pause", "charge-ordre", "-r", "x")).Code);
        Assert.Equal(ExitCode.Done, (await RunAsync("isolate", "payments", "-r", "maintenance")).Code);
        await UntilAllAsync(fleet, BreakerState.Isolated);
        var instances = (await RunAsync("export")).Json.GetProperty("instances").EnumerateArray().Select(instance => instance.GetProperty("instance").GetString());
        Assert.Equal(["one", "two"], instances);
    }

    [Fact]
    public async Task An_outage_is_reported_as_Markdown_once_for_the_whole_fleet()
    {
        await using var fleet = await StartAsync("one", "two");
        Assert.Equal((ExitCode.Done, "# Outages\n\nNo outages are known.\n"), (await RunAsync("outages")) is var none ? (none.Code, none.Out) : default);
        fleet.Payments[0].Isolate("provider | maintenance");
        await UntilAllAsync(fleet, BreakerState.Isolated);
        fleet.Payments[0].Reset("done");
        var outages = await Eventually.Is(
            async () => (await RunAsync("outages", "--json")).Json.GetProperty("outages"), found => found.GetArrayLength() > 0, "the outage to be in the store");
        Assert.Equal((1, "payments", "one"), (outages.GetArrayLength(), outages[0].GetProperty("breaker").GetString(), outages[0].GetProperty("instance").GetString()));
        var page = (await RunAsync("outages", "payments", "--last", "1")).Out;
        Assert.Contains("- Opened: provider \\| maintenance\n", page, StringComparison.Ordinal);
        Assert.Contains("- Messages that waited: not known", page, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, (await RunAsync("outages", "--last", "0")).Code);
        Assert.Equal(1, (await RunAsync("export")).Json.GetProperty("outages").GetProperty("outages").GetArrayLength());
    }

    [Fact]
    public async Task The_command_does_not_count_as_an_instance_and_does_not_change_the_fleet()
    {
        await using var fleet = await StartAsync("one", "two");
        await RunAsync("isolate", "payments", "-r", "maintenance", "--unlisted");
        for (var i = 0; i < 2; i++)
        {
            var status = (await RunAsync("status", "--json")).Json;
            Assert.Equal(("store", 2), (status.GetProperty("source").GetString(), status.GetProperty("instances").GetInt32()));
            Assert.Equal("Isolated", status.GetProperty("breakers")[0].GetProperty("state").GetString());
            Assert.Equal(JsonValueKind.Null, status.GetProperty("alerts").ValueKind);
        }
    }

    [Fact]
    public async Task A_fleet_without_running_instances_can_be_read_and_steered_and_later_instances_follow()
    {
        await using var fleet = await StartAsync("one");
        await RunAsync("trip", "payments", "-r", "it is down", "--unlisted");
        await fleet.StopAsync();
        await Eventually.Is(
            async () => (await RunAsync("status", "--json")).Json.GetProperty("instances").GetInt32(), instances => instances == 0, "no instance to be counted any more");
        var result = await RunAsync("isolate", "payments", "-r", "maintenance");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Assert.Contains("No instance is running", result.Out, StringComparison.Ordinal);
        Assert.Matches("(?m)^payments +Isolated", (await RunAsync("status")).Out);
        await fleet.WithAsync("late");
        Assert.Equal(BreakerState.Isolated, fleet.Payments[0].State);
    }

    [Fact]
    public async Task A_question_that_a_store_cannot_answer_is_referred_to_the_page()
    {
        await using var fleet = await StartAsync("one");
        foreach (var line in new[] { "pause charge-order -r x --this-instance", "isolate payments -r x --key acme", "errors charge-order_error", "redrive charge-order_error -r x", "redrive discard charge-order_error -r x --yes", "keys payments" })
        {
            var result = await RunAsync(line.Split(' '));
            Assert.True(result is { Code: ExitCode.CannotTell, Out: "" }, $"{line}: {result}");
            Assert.Contains("--page", result.Error, StringComparison.Ordinal);
        }

        Assert.Contains("forecasts", (await RunAsync("status")).Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, (await RunAsync("errors")).Code);
    }

    [Fact]
    public async Task Unknown_names_and_unknown_fleets_are_refused()
    {
        await using var fleet = await StartAsync("one");
        await RunAsync("isolate", "payments", "-r", "maintenance", "--unlisted");
        var slip = await RunAsync("release", "paymets", "-r", "over");
        Assert.Equal(ExitCode.NotFound, slip.Code);
        Assert.Contains("Did you mean 'payments'?", slip.Error, StringComparison.Ordinal);
        Assert.Contains("--unlisted", slip.Error, StringComparison.Ordinal);
        var nowhere = await new Support.Cli().RunAsync("status", "--store", Address, "--prefix", "nobodys");
        Assert.Equal(ExitCode.NotFound, nowhere.Code);
        Assert.Contains("There is no fleet 'nobodys'", nowhere.Error, StringComparison.Ordinal);
    }

    private protected Task<Result> RunAsync(params string[] line) => new Support.Cli().RunAsync([.. line, "--store", Address, "--prefix", Prefix, "--timeout", "30s"]);

    async Task UntilShownAsync(string pattern) =>
        await Eventually.Is(async () => (await RunAsync("status")).Out, text => Regex.IsMatch(text, pattern), $"the status to match {pattern}");

    static async Task UntilAllAsync(FleetOfHosts fleet, BreakerState state) =>
        await Eventually.Is(() => string.Join(", ", fleet.Payments.Select(breaker => breaker.State)), states => states.Split(", ").All(one => one == $"{state}"), $"all breakers to be {state}");

    private protected Task<FleetOfHosts> StartAsync(params string[] instances) => new FleetOfHosts(Share).WithAsync(instances);
}
