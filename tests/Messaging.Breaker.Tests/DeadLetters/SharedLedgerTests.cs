using Messaging.Breaker.DeadLetters;
using Messaging.Breaker.Tests.Sharing;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.DeadLetters;

/// <summary>The ledger in the fleet's store.</summary>
public class SharedLedgerTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_instance_lists_the_runs_of_all_and_they_outlive_the_instance()
    {
        await using var fleet = new FleetHarness();
        var (one, two) = (await fleet.StartAsync("one"), await fleet.StartAsync("two"));
        var run = Keep(one, RunOf("one"));
        await fleet.UntilAsync(() => fleet.Store.TextsOf("runs").Count == 1, "the run to be written");
        await one.CrashAsync();

        var read = Assert.Single((await LedgerOf(two).ReadLedgerAsync(Cancellation)).Runs);
        Assert.Equal((run.Id, "one", "anna", "fixed", DeadLetterRunState.Completed, 7), (read.Id, read.Instance, read.By, read.Reason, read.State, read.Moved));
        Assert.Empty(LedgerOf(two).Runs);
    }

    [Fact]
    public async Task A_run_whose_instance_is_silent_has_ended()
    {
        await using var fleet = new FleetHarness();
        var (one, two) = (await fleet.StartAsync("one"), await fleet.StartAsync("two"));
        var run = RunOf("one") with { State = DeadLetterRunState.Running, Ended = null };
        Keep(one, run);
        await fleet.UntilAsync(() => fleet.Store.TextsOf("runs").Count == 1, "the run to be written");
        await fleet.PassAsync(40);
        // The entry of a run is written repeatedly while the run is under way.
        Assert.Equal(DeadLetterRunState.Running, (await LedgerOf(two).ReadLedgerAsync(Cancellation)).Runs.Single().State);

        await one.CrashAsync();
        await fleet.PassAsync(40);
        var ended = (await LedgerOf(two).ReadLedgerAsync(Cancellation)).Runs.Single();
        Assert.Equal(DeadLetterRunState.Stopped, ended.State);
        Assert.Contains("'one' has been silent", ended.Detail, StringComparison.Ordinal);
        Assert.NotNull(ended.Ended);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_store_that_fails_or_hangs_is_logged_once_and_written_to_when_it_is_back(bool hangs)
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        var hanging = hangs ? fleet.Store.Hang() : null;
        fleet.Store.IsDown = !hangs;
        Keep(one, RunOf("one"));
        await fleet.UntilAsync(() => one.Log.Count("cannot be written to the fleet's store") == 1, "the loss to be logged");
        await fleet.PassAsync(60);
        var reading = LedgerOf(one).ReadLedgerAsync(Cancellation);
        await fleet.UntilAsync(() => reading.IsCompleted, "the ledger to be read without the store");
        Assert.NotNull((await reading).Problem);
        Assert.Equal(1, one.Log.Count("cannot be written to the fleet's store"));

        hanging?.SetResult();
        fleet.Store.IsDown = false;
        await fleet.UntilAsync(() => fleet.Store.TextsOf("runs").Count == 1, "the run to be written");
        await fleet.UntilAsync(() => one.Log.Count("can be written to the fleet's store again") == 1, "the return to be logged");
        Assert.Null((await LedgerOf(one).ReadLedgerAsync(Cancellation)).Problem);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"id":"00000000-0000-0000-0000-000000000001"}""")]
    [InlineData("""{"id":"00000000-0000-0000-0000-000000000001","action":"Redrive","queue":null,"by":"b","reason":"r","state":"Completed","began":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"id":"00000000-0000-0000-0000-000000000001","action":7,"queue":"q","by":"b","reason":"r","state":"Completed","began":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"id":"00000000-0000-0000-0000-000000000001","action":"Later","queue":"q","by":"b","reason":"r","state":"Completed","began":"2026-01-01T00:00:00Z"}""")]
    [InlineData("""{"id":"00000000-0000-0000-0000-000000000001","action":"Redrive","queue":"q","by":"b","reason":"r","state":"Completed","began":"yesterday"}""")]
    public async Task An_entry_that_cannot_be_read_is_left_out(string text)
    {
        await using var fleet = new FleetHarness();
        var one = await fleet.StartAsync("one");
        Keep(one, RunOf("one"));
        await fleet.UntilAsync(() => fleet.Store.TextsOf("runs").Count == 1, "the run to be written");
        fleet.Store.Put("runs", "hostile", text);
        fleet.Store.Put("trips", "hostile", text);
        fleet.Store.Put("trips", "long", new string('x', 1_000_000));

        var ledger = await LedgerOf(one).ReadLedgerAsync(Cancellation);
        Assert.Equal(("one", 0), (Assert.Single(ledger.Runs).Instance, ledger.Trips.Count));
        Assert.Null(ledger.Problem);
    }

    [Fact]
    public void Fields_of_a_later_version_are_ignored_and_texts_become_one_line()
    {
        var written = LedgerFormat.Write(RunOf("one") with { Detail = "two\nlines", Problems = [.. Enumerable.Range(0, 30).Select(number => $"problem {number}")] });
        var read = LedgerFormat.ReadRun(written.Replace("{\"id\"", "{\"colour\":[1],\"id\"", StringComparison.Ordinal));
        Assert.Equal(("two lines", 20), (read!.Detail, read.Problems.Count));
    }

    [Fact]
    public void An_entry_that_would_be_too_long_loses_its_details()
    {
        var run = RunOf("one") with { Detail = new string('d', 9_000), Problems = [new string('p', 9_000)] };
        var read = LedgerFormat.ReadRun(LedgerFormat.Write(run));
        Assert.Equal((7L, 0), (read!.Moved, read.Problems.Count));
    }

    [Fact]
    public async Task A_trip_lists_what_ended_in_error_from_its_beginning_to_its_end()
    {
        await using var fleet = new FleetHarness();
        var (one, two) = (await fleet.StartAsync("one"), await fleet.StartAsync("two"));
        var trips = one.Services.GetRequiredService<TripRecorder>();
        one.Breaker.Trip("a test");
        await fleet.UntilAllAsync(BreakerState.Open);
        await fleet.UntilAsync(() => fleet.Store.TextsOf("trips").Count == 1, "the trip to be written");
        one.Breaker.Reset("over");
        await fleet.UntilAllAsync(BreakerState.Closed);
        await fleet.UntilAsync(() => fleet.Store.TextsOf("trips").Single().Contains("\"ended\":\"", StringComparison.Ordinal), "its end to be written");

        // The other instance only heard of the trip from the fleet, and has nothing to add.
        Assert.Empty(two.Services.GetRequiredService<TripRecorder>().Trips);
        var trip = Assert.Single((await LedgerOf(two).ReadLedgerAsync(Cancellation)).Trips);
        Assert.Equal(("payments", "one", 0L), (trip.Breaker, trip.Instance, trip.DeadLetters));
        Assert.Equal(trip.Id, Assert.Single(trips.Trips).Id);
        Assert.NotNull(trip.Ended);
    }

    static IDeadLetters LedgerOf(Instance instance) => instance.Services.GetRequiredService<IDeadLetters>();

    static DeadLetterRun Keep(Instance instance, DeadLetterRun run)
    {
        instance.Services.GetRequiredService<LedgerKeeper>().Keep(LedgerFormat.Runs, run.Id, () => (LedgerFormat.Write(run), run.Ended is not null));
        return run;
    }

    static DeadLetterRun RunOf(string instance) => new()
    {
        Id = Guid.NewGuid(),
        Action = DeadLetterAction.Redrive,
        Queue = "orders_error",
        By = "anna",
        Instance = instance,
        Reason = "fixed",
        State = DeadLetterRunState.Completed,
        Began = DateTimeOffset.UnixEpoch,
        Ended = DateTimeOffset.UnixEpoch.AddSeconds(1),
        Moved = 7,
    };
}
