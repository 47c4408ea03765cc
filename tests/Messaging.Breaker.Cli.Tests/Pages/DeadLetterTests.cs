using Messaging.Breaker.Cli.CommandLine;
using Messaging.Breaker.Cli.Tests.Support;
using Messaging.Breaker.Dashboard.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Cli.Tests.Pages;

public sealed class DeadLetterTests
{
    readonly Letters _letters = new();

    [Fact]
    public async Task Errors_lists_the_queues_and_shows_the_groups_of_one()
    {
        await using var dashboard = await StartAsync();
        var page = dashboard.Page.ToString();
        var all = await new Support.Cli().RunAsync("errors", "--page", page);
        Assert.Contains("charge-order_skipped", all.Out, StringComparison.Ordinal);
        var one = await new Support.Cli().RunAsync("errors", "a/b", "--page", page);
        Assert.StartsWith("a/b_error: 12 messages in 2 groups.", one.Out, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^    9  abc111  2026-01-02 03:02:00 \+01:00  Shop\.PoisonException: Order # is bad$", one.Out);
        var json = (await new Support.Cli().RunAsync("errors", "a/b", "--json", "--page", page)).Json;
        Assert.Equal("queue messages unread groups ungrouped otherConsumers", Result.MembersOf(json));
    }

    [Fact]
    public async Task A_name_that_fits_two_queues_is_refused()
    {
        await using var dashboard = await StartAsync();
        var result = await new Support.Cli().RunAsync("redrive", "charge-order", "-r", "fixed", "--page", dashboard.Page.ToString());
        Assert.Equal(ExitCode.Ambiguous, result.Code);
        Assert.Contains("'charge-order_error', 'charge-order_skipped'", result.Error, StringComparison.Ordinal);
        Assert.Empty(_letters.Orders);
    }

    [Fact]
    public async Task A_redrive_passes_on_its_filters_and_who_ordered_it()
    {
        await using var dashboard = await StartAsync();
        var result = await new Support.Cli().RunAsync(
            "redrive", "charge-order_error", "-r", "fixed", "--group", "abc1", "--from", "2026-01-02T03:00", "--rate", "50", "--by", "anna", "--wait",
            "--page", dashboard.Page.ToString());
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Assert.Contains("Redrive of charge-order_error: Completed, 12 of 12 moved, 0 failed again.", result.Out, StringComparison.Ordinal);
        var order = Assert.IsType<RedriveOrder>(Assert.Single(_letters.Orders));
        Assert.Equal(("abc111", "fixed", 50.0), (order.Group, order.Reason, order.Rate));
        Assert.Equal(Letters.Began, order.From); // In the time zone of the person who typed it.
        Assert.Equal("127.0.0.1, for anna", order.By);
    }

    [Fact]
    public async Task A_group_id_that_is_ambiguous_or_unknown_is_refused()
    {
        await using var dashboard = await StartAsync();
        string[] line = ["redrive", "a/b_error", "-r", "fixed", "--page", dashboard.Page.ToString(), "--group"];
        Assert.Equal(ExitCode.Ambiguous, (await new Support.Cli().RunAsync([.. line, "abc"])).Code);
        Assert.Equal(ExitCode.NotFound, (await new Support.Cli().RunAsync([.. line, "xyz"])).Code);
        Assert.Empty(_letters.Orders);
    }

    [Fact]
    public async Task A_discard_asks_for_confirmation_with_the_number_of_messages()
    {
        await using var dashboard = await StartAsync();
        string[] line = ["redrive", "discard", "a/b_error", "--reason", "poison", "--group", "abc2", "--page", dashboard.Page.ToString()];
        Assert.Equal(ExitCode.Unconfirmed, (await new Support.Cli().RunAsync(line)).Code);
        var no = await new Support.Cli { Answer = "" }.RunAsync(line);
        Assert.Equal(ExitCode.Unconfirmed, no.Code);
        Assert.StartsWith("Discard 3 message(s) of a/b_error? [y/N] ", no.Error, StringComparison.Ordinal);
        Assert.Empty(_letters.Orders);
        Assert.Equal(ExitCode.Done, (await new Support.Cli().RunAsync([.. line, "--yes"])).Code);
        Assert.Equal("abc222", Assert.IsType<DiscardOrder>(Assert.Single(_letters.Orders)).Group);
    }

    [Fact]
    public async Task A_run_is_cancelled_by_the_beginning_of_its_id()
    {
        await using var dashboard = await StartAsync();
        _letters.BeginOne(new Guid("12345678-0000-0000-0000-000000000001"));
        var page = dashboard.Page.ToString();
        Assert.Equal(ExitCode.NotFound, (await new Support.Cli().RunAsync("redrive", "cancel", "999", "--page", page)).Code);
        Assert.Equal(ExitCode.Done, (await new Support.Cli().RunAsync("redrive", "cancel", "1234", "--page", page)).Code);
        _letters.BeginOne(new Guid("12345678-0000-0000-0000-000000000002"));
        Assert.Equal(ExitCode.Ambiguous, (await new Support.Cli().RunAsync("redrive", "cancel", "1234", "--page", page)).Code);
    }

    Task<TestDashboard> StartAsync() => TestDashboard.StartAsync(services: services => services.AddSingleton<IDeadLetters>(_letters));
}
