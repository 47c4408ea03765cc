using Messaging.Breaker.Breakers;
using Messaging.Breaker.Engine;
using Messaging.Breaker.Outages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Breaker.Tests.Outages;

/// <summary>The report of an outage, on one instance without a fleet.</summary>
public sealed class OutageTests : IAsyncDisposable
{
    static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 1, 2, 3, 0, 0, TimeSpan.Zero));
    readonly LogRecorder _log = new();
    readonly IHost _host;

    public OutageTests()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(_log);
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("payments", options =>
        {
            options.ConsecutiveFailures = 3;
            options.Probes = 1;
            options.Ramp = false;
        }).Add("ramping"));
        _host = builder.Build();
        _host.Start();
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    CircuitBreaker Breaker => _host.Services.GetRequiredService<BreakerRegistry>().Get("payments");

    OutageTracker Book => _host.Services.GetRequiredService<OutageTracker>();

    IOutageReports Reports => _host.Services.GetRequiredService<IOutageReports>();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync(CancellationToken.None);
        _host.Dispose();
    }

    [Fact]
    public async Task A_report_says_how_long_it_was_what_it_cost_and_how_long_the_backlog_took()
    {
        await using var watched = Reports.WatchAsync(Cancellation).GetAsyncEnumerator(Cancellation);
        var next = watched.MoveNextAsync().AsTask();
        Sample(ready: 12);
        Fail();
        Sample(ready: 400, age: 30);
        Breaker.Refusal();
        Breaker.CountReturned();
        Breaker.CountReturned();
        UntilHalfOpen();
        Probe(Outcome.Failure);
        Sample(ready: 700, age: 90);
        UntilHalfOpen();
        Probe(Outcome.Success);
        var ended = _clock.GetUtcNow();
        await EventuallyAsync(() => Reports.Outages.Count == 1);
        Assert.Equal(OutageDrain.UnderWay, Assert.Single(Reports.Outages).Drain);

        _clock.Advance(20 * Second);
        Sample(ready: 300, age: 100);
        _clock.Advance(11 * Second);
        Sample(ready: 12, age: 1);
        await EventuallyAsync(() => _log.Count("Outage of breaker payments") == 1);
        Assert.True(await next);
        var report = Assert.Single(Reports.Outages);
        Assert.Equal(report, watched.Current with { Queues = report.Queues });
        Assert.Equal(("payments", TransitionCause.ConsecutiveFailures, TransitionCause.ProbesSucceeded, 1), (report.Breaker, report.Cause, report.EndCause, report.Reopens));
        Assert.Equal((ended, false), (report.Ended, report.BeganEarlier));
        Assert.Equal((2, 1, 1, 2), (report.Calls, report.FailedCalls, report.RefusedCalls, report.Returned));
        Assert.Equal(new OutageBacklog { Queue = "work", WaitingBefore = 12, MostWaiting = 700 }, Assert.Single(report.Queues));
        Assert.Equal((700L, 701L, 100 * Second), (report.Delayed, report.CallsSpared, report.LongestWait));
        Assert.Equal(OutageDrain.Queues, report.Drain);
        Assert.InRange(report.DrainedIn!.Value, 31 * Second, 34 * Second);
        var line = _log.Lines.Select(logged => $"{logged}").Single(logged => logged.Contains("Outage of breaker", StringComparison.Ordinal));
        Assert.StartsWith("Information: ", line, StringComparison.Ordinal);
        Assert.Contains("reopened once; 2 calls during the outage, all of them probes, 1 failed; 1 refused; 700 messages waited at most, the longest for 100 s", line, StringComparison.Ordinal);
        Assert.Contains("drained in 3", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_that_wait_for_the_ramp_count_as_backlog_until_none_waits()
    {
        var breaker = _host.Services.GetRequiredService<BreakerRegistry>().Get("ramping");
        Observe(ready: 0);
        breaker.Isolate("maintenance");
        Observe(ready: 100);
        breaker.Release("over");
        for (var probe = 0; probe < 3 && breaker.State == BreakerState.HalfOpen; probe++)
            breaker.Record(breaker.TryAcquire(), Outcome.Success, breaker.Now, 0, breaker.Now);
        _clock.Advance(4 * Second);
        var waits = new[] { breaker.Ramp!.Enter(breaker.Now), breaker.Ramp.Enter(breaker.Now) };
        while (waits.All(wait => wait.Task.IsCompleted)) // Until one has to wait for its turn.
            waits = [.. waits, breaker.Ramp.Enter(breaker.Now)];
        Observe(ready: 0);
        await PassAsync(2);
        Assert.Equal(OutageDrain.UnderWay, Assert.Single(Reports.Outages).Drain);
        foreach (var _ in waits)
            breaker.Ramp.Exit(Outcome.Success, 1, 1, breaker.Now);
        // The ramp itself is not over yet: it ends only after ten seconds in which nobody had to wait.
        Assert.NotNull(breaker.Ramp);
        await EventuallyAsync(() => _log.Count("Outage of breaker ramping") == 1);
        Assert.NotNull(breaker.Ramp);
        Assert.Equal((OutageDrain.Queues, 6 * Second), Assert.Single(Reports.Outages) is var report ? (report.Drain, report.DrainedIn) : default);

        void Observe(long ready) => Book.Observe("ramped", ["ramping"], ready, TimeSpan.Zero, _clock.GetUtcNow());
    }

    [Fact]
    public async Task Unknown_figures_are_reported_as_unknown()
    {
        Fail();
        UntilHalfOpen();
        Probe(Outcome.Success);
        await EventuallyAsync(() => _log.Count("Outage of breaker payments") == 1);
        var report = Assert.Single(Reports.Outages);
        Assert.Equal((null, null, null, OutageDrain.Unknown), (report.Delayed, report.LongestWait, report.DrainedIn, report.Drain));
        Assert.Equal(1, _log.Count("how many messages waited is not known; how long it took to drain is not known"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_operator_who_opens_and_closes_makes_an_outage_too(bool releases)
    {
        Breaker.Isolate("maintenance");
        _clock.Advance(60 * Second);
        if (releases)
        {
            Breaker.Release("done");
            Probe(Outcome.Success);
        }
        else
            Breaker.Reset("done");
        await EventuallyAsync(() => _log.Count("Outage of breaker payments") == 1);
        var report = Assert.Single((await Reports.ReadAsync(Cancellation)).Outages);
        Assert.Equal((TransitionCause.Operator, "maintenance", 60 * Second, 0), (report.Cause, report.Reason, report.Length, report.Reopens));
        Assert.Equal(releases ? TransitionCause.ProbesSucceeded : TransitionCause.Operator, report.EndCause);
    }

    [Fact]
    public async Task A_breaker_that_pauses_nothing_has_no_outage()
    {
        Breaker.Shadow("a trial");
        Fail();
        Assert.Equal(BreakerState.Open, Breaker.State);
        Breaker.Reset("over");
        await PassAsync(5);
        Assert.Empty(Reports.Outages);
    }

    [Fact]
    public async Task A_breaker_that_opens_again_before_its_backlog_is_drained_has_a_second_outage()
    {
        Sample(ready: 0);
        Fail();
        Sample(ready: 50);
        Breaker.Reset("trust me");
        await PassAsync(3);
        Sample(ready: 40);
        _clock.Advance(Second);
        Fail();
        await EventuallyAsync(() => _log.Count("not drained before it opened again") == 1);
        Breaker.Reset("trust me more");
        await PassAsync(1);
        Sample(ready: 0);
        await EventuallyAsync(() => _log.Count("Outage of breaker payments") == 2);
        Assert.Equal([OutageDrain.Queues, OutageDrain.NextOutage], Reports.Outages.Select(report => report.Drain));
        Assert.Equal(2, Reports.Outages.Select(report => report.Id).Distinct().Count());
    }

    [Fact]
    public async Task A_report_does_not_wait_for_a_lasting_backlog_for_ever()
    {
        Sample(ready: 0);
        Fail();
        Sample(ready: 50);
        Breaker.Reset("over");
        await PassAsync(1);
        Sample(ready: 50);
        _clock.Advance(TimeSpan.FromMinutes(15));
        await EventuallyAsync(() => _log.Count("not drained after a quarter of an hour") == 1);
        Assert.Null(Assert.Single(Reports.Outages).DrainedIn);
    }

    [Fact]
    public async Task A_host_that_stops_reports_what_it_knows()
    {
        Sample(ready: 0);
        Fail();
        Sample(ready: 50);
        Breaker.Reset("over");
        await PassAsync(1);
        await _host.StopAsync(Cancellation);
        Assert.Equal(1, _log.Count("the instance that watched it has stopped"));
    }

    void Sample(long ready, double age = 0) => Book.Observe("work", ["Payments"], ready, TimeSpan.FromSeconds(age), _clock.GetUtcNow());

    void Fail()
    {
        for (var call = 0; call < 3; call++)
            Probe(Outcome.Failure);
    }

    void Probe(Outcome outcome) => Breaker.Record(Breaker.TryAcquire(), outcome, Breaker.Now, 0, Breaker.Now);

    void UntilHalfOpen()
    {
        while (Breaker.State != BreakerState.HalfOpen)
            _clock.Advance(Second);
    }

    async Task PassAsync(int seconds)
    {
        for (var passed = 0; passed < seconds; passed++)
        {
            _clock.Advance(Second);
            await Task.Delay(20, Cancellation);
        }
    }

    Task EventuallyAsync(Func<bool> condition) => Eventually.Is(
        () =>
        {
            if (condition())
                return true;
            _clock.Advance(Second / 5);
            return false;
        },
        "the report");
}
