using Messaging.Breaker.Outages;
using Messaging.Breaker.Sharing;
using Messaging.Breaker.Tests.Sharing;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Outages;

/// <summary>An outage of a fleet is one outage, whichever instances saw it.</summary>
public class FleetOutageTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_instance_reports_for_all_and_every_instance_reads_the_same()
    {
        var (fleet, one, two, three) = await FleetHarness.OfThreeAsync();
        await using var disposing = fleet;
        one.Fail();
        await fleet.UntilAllAsync(BreakerState.Open);
        var reopening = await fleet.UntilOneProbesAsync();
        reopening.Fail(3);
        await fleet.UntilAllAsync(BreakerState.Open);
        two.Breaker.CountReturned();
        three.Breaker.CountReturned();
        var closing = await fleet.UntilOneProbesAsync();
        closing.Succeed(3);
        await fleet.UntilAllAsync(BreakerState.Closed);
        await fleet.UntilAsync(() => Reported(one, two, three) == 1, "the report");
        await fleet.PassAsync(60);

        Assert.Equal((1, 1), (Reported(one, two, three), closing.Log.Count("Outage of breaker payments")));
        Assert.Single(fleet.Store.TextsOf(OutageFormat.List));
        var read = new List<OutageReport>();
        foreach (var instance in new[] { one, two, three })
            read.Add(Assert.Single((await ReportsOf(instance).ReadAsync(Cancellation)).Outages));
        Assert.Single(read.Select(report => (report.Id, report.Instance, report.Began, report.Ended, report.Reopens, report.Calls, report.Returned, report.Instances)).Distinct());
        Assert.Equal((1, 2, TransitionCause.ProbesSucceeded), (read[0].Reopens, read[0].Returned, read[0].EndCause));
        Assert.InRange(read[0].Calls, 4, 5);
        Assert.Equal(2, read[0].FailedCalls);
        Assert.InRange(read[0].Instances, 2, 3);
        Assert.StartsWith("10 failures", read[0].Reason.Replace("one: ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_instance_reports_an_outage_that_none_of_them_closed()
    {
        var (fleet, one, two, three) = await FleetHarness.OfThreeAsync();
        await using var disposing = fleet;
        one.Breaker.Isolate("maintenance");
        await fleet.UntilAllAsync(BreakerState.Isolated);
        await using (var store = fleet.Store.Connect())
        {
            var held = Assert.Single(await store.ReadAsync(["payments"], Cancellation));
            await store.ChangeAsync(OperatorChange.Next(held, "payments", OperatorAction.Reset, "done", null, "anna (breakers)")!, Cancellation);
        }

        await fleet.UntilAllAsync(BreakerState.Closed);
        await fleet.UntilAsync(() => fleet.Store.TextsOf(OutageFormat.List).Count == 1, "the entry");
        await fleet.PassAsync(60);
        var report = Assert.Single((await ReportsOf(two).ReadAsync(Cancellation)).Outages);
        Assert.Equal("anna (breakers): done", report.EndReason);
        Assert.Equal(1, Reported(one, two, three));
    }

    [Fact]
    public async Task When_the_one_that_closed_the_breaker_dies_another_reports()
    {
        var (fleet, one, two, _) = await FleetHarness.OfThreeAsync();
        await using var disposing = fleet;
        one.Breaker.Trip("a test");
        await fleet.UntilAllAsync(BreakerState.Open);
        var closing = await fleet.UntilOneProbesAsync();
        // Closed as if the instance were killed before it could write: whatever it writes from here on is lost.
        closing.Services.GetRequiredService<FleetLedger>().Close();
        closing.Succeed(3);
        await fleet.UntilAllAsync(BreakerState.Closed);
        await closing.CrashAsync();
        await fleet.UntilAsync(() => fleet.Store.TextsOf(OutageFormat.List).Count == 1, "the entry");
        var other = fleet.Others(closing).First();
        var report = Assert.Single((await ReportsOf(other).ReadAsync(Cancellation)).Outages);
        Assert.NotEqual(closing == one ? "one" : closing == two ? "two" : "three", report.Instance);
        Assert.Equal("a test", report.Reason.Replace("one: ", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_store_each_instance_reports_and_writes_its_report_when_the_store_is_back()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        fleet.Store.IsDown = true;
        await fleet.PassAsync(3);
        one.Breaker.Trip("alone");
        one.Breaker.Reset("alone again");
        await fleet.PassAsync(70);
        Assert.Equal(1, Reported(one));
        Assert.NotNull((await ReadWithoutStoreAsync(fleet, one)).Problem);
        fleet.Store.IsDown = false;
        await fleet.UntilAsync(() => fleet.Store.TextsOf(OutageFormat.List).Count == 1, "the entry");
        Assert.Single((await ReportsOf(one).ReadAsync(Cancellation)).Outages);
    }

    [Fact]
    public async Task An_instance_that_starts_during_an_outage_reports_that_it_began_earlier()
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        one.Breaker.Trip("a test");
        var reopening = await fleet.UntilOneProbesAsync();
        reopening.Fail(3);
        await fleet.UntilAllAsync(BreakerState.Open);
        await fleet.PassAsync(0.5);
        var late = await fleet.StartAsync("late");
        await one.CrashAsync();
        await fleet.UntilAsync(() => late.Breaker.State == BreakerState.HalfOpen, "it to probe");
        late.Succeed(3);
        await fleet.UntilAsync(() => Reported(late) == 1, "the report");
        Assert.True(Assert.Single(ReportsOf(late).Outages).BeganEarlier);
        Assert.Equal(1, late.Log.Count(" or earlier to "));
    }

    [Fact]
    public void Counts_of_other_instances_are_added_but_what_all_of_them_saw_is_not()
    {
        var report = Report("one") with { BeganEarlier = true, Reason = "one: it is open", Calls = 3, FailedCalls = 1, Returned = 5, Reopens = 1, Queues = [Backlog(70)] };
        var share = Report("two") with { Began = report.Began.AddMinutes(-5), Reason = "10 failures", Calls = 2, FailedCalls = 2, Returned = 1, Reopens = 4, Queues = [Backlog(90)] };
        var merged = Assert.Single(OutageFormat.Merge([Entry(report)], [Entry(share), Entry(share with { Id = "another" }), Entry(report)]));
        Assert.Equal(
            (2, 5, 3, 6, 4, "10 failures", share.Began, false, 90L),
            (merged.Instances, merged.Calls, merged.FailedCalls, merged.Returned, merged.Reopens, merged.Reason, merged.Began, merged.BeganEarlier, merged.Delayed));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":null,"breaker":"b","began":"2026-01-01T00:00:00Z","ended":"2026-01-01T00:00:00Z","reason":"r"}""")]
    [InlineData("""{"id":"1","breaker":"b","began":"yesterday","ended":"2026-01-01T00:00:00Z","reason":"r"}""")]
    [InlineData("""{"id":"1","breaker":"b","began":"2026-01-01T00:00:00Z","ended":"2026-01-01T00:00:00Z","reason":"r","calls":-1}""")]
    [InlineData("""{"id":"1","breaker":"b","began":"2026-01-01T00:00:00Z","ended":"2026-01-01T00:00:00Z","reason":"r","queues":[null]}""")]
    [InlineData("""{"id":"1","breaker":"b","began":"2026-01-01T00:00:00Z","ended":"2026-01-01T00:00:00Z","reason":"r","drain":77}""")]
    public void An_entry_that_cannot_be_read_is_left_out(string text) =>
        Assert.Single(OutageFormat.Merge([new SharedLedgerEntry("x", text, TimeSpan.Zero), Entry(Report("one"))], [new SharedLedgerEntry("x", text, TimeSpan.Zero)]));

    [Fact]
    public void Fields_of_a_later_version_are_ignored_and_an_entry_is_bounded()
    {
        var report = Report("one") with { Reason = new string('r', 9_000), EndReason = "two\nlines", Queues = [.. Enumerable.Range(0, 500).Select(number => Backlog(number))] };
        var read = OutageFormat.Read(OutageFormat.Write(report).Replace("{\"id\"", "{\"colour\":[1],\"id\"", StringComparison.Ordinal));
        Assert.Equal(("two lines", 1), (read!.EndReason, read.Queues.Count));
        Assert.True(read.Reason.Length <= 500);
    }

    static async Task<OutageList> ReadWithoutStoreAsync(FleetHarness fleet, Instance instance)
    {
        var reading = ReportsOf(instance).ReadAsync(Cancellation);
        await fleet.UntilAsync(() => reading.IsCompleted, "the reports to be read");
        return await reading;
    }

    static OutageReport Report(string instance) => new()
    {
        Id = "7-payments",
        Breaker = "payments",
        Instance = instance,
        Began = DateTimeOffset.UnixEpoch.AddHours(1),
        Ended = DateTimeOffset.UnixEpoch.AddHours(2),
        Reason = "10 failures in a row",
    };

    static OutageBacklog Backlog(long most) => new() { Queue = most > 90 ? $"work-{most}" : "work", MostWaiting = most };

    static SharedLedgerEntry Entry(OutageReport report) => new(report.Id, OutageFormat.Write(report), TimeSpan.Zero);

    static int Reported(params Instance[] instances) => instances.Sum(instance => instance.Log.Count("Outage of breaker payments"));

    static IOutageReports ReportsOf(Instance instance) => instance.Services.GetRequiredService<IOutageReports>();
}
