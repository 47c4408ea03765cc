using Messaging.Breaker.Dashboard.State;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Dashboard.Tests.State;

public sealed class HistoryTests
{
    static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    readonly History _history = new(Options.Create(new BreakerDashboardOptions { History = TimeSpan.FromMinutes(1) }));

    [Fact]
    public void The_history_keeps_as_many_samples_as_the_option_says_and_drops_the_oldest()
    {
        for (var second = 0; second < 100; second++)
            _history.Add(StateAt(second));

        var samples = _history.Samples();

        Assert.Equal(60, samples.At.Count);
        Assert.Equal(Start.AddSeconds(40).ToUnixTimeSeconds(), samples.At[0]);
        Assert.Equal(99, samples.Ready["charge-order"][^1]);
        Assert.Equal(99 * 10, samples.Calls["payments"][^1]);
    }

    [Fact]
    public void A_queue_that_comes_later_has_no_figure_for_the_time_before()
    {
        _history.Add(StateAt(0) with { OtherQueues = [] });
        _history.Add(StateAt(1) with { OtherQueues = [Queue("mail", 7)] });

        Assert.Equal([null, 7], _history.Samples().Ready["mail"]);
    }

    [Fact]
    public void The_timeline_is_bounded_too_and_its_numbers_go_on()
    {
        for (var second = 0; second < 300; second++)
            _history.Add(Change(second, BreakerState.Closed, BreakerState.Open));

        var entries = _history.EntriesAfter(0);

        Assert.Equal(200, entries.Count);
        Assert.Equal(101, entries[0].Number);
        Assert.Equal([300], _history.EntriesAfter(299).Select(entry => entry.Number));
    }

    [Fact]
    public void An_outage_lasts_from_the_trip_to_the_close_whatever_reopens_in_between()
    {
        _history.Add(Change(0, BreakerState.Closed, BreakerState.Open, "ten failures"));
        _history.Add(Change(5, BreakerState.Open, BreakerState.HalfOpen));
        _history.Add(Change(6, BreakerState.HalfOpen, BreakerState.Open, "probes failed"));

        Assert.Equal([new Outage("payments", Start, "ten failures")], _history.Outages);

        _history.Add(Change(9, BreakerState.Open, BreakerState.HalfOpen));
        _history.Add(Change(10, BreakerState.HalfOpen, BreakerState.Closed));
        Assert.Empty(_history.Outages);
    }

    static Transition Change(int second, BreakerState from, BreakerState to, string reason = "a test") =>
        new()
        {
            Breaker = "payments",
            From = from,
            To = to,
            Cause = TransitionCause.Operator,
            Reason = reason,
            At = Start.AddSeconds(second),
            Generation = second,
            Window = default,
            Mode = BreakerMode.Enforcing,
        };

    static QueueView Queue(string name, long ready) => new(name, Start, ready, null, 1, null, null, null, null, null);

    static DashboardState StateAt(int second) => new(
        "orders",
        "here",
        Start.AddSeconds(second),
        true,
        [
            new BreakerSnapshot
            {
                Name = "payments",
                State = BreakerState.Closed,
                Mode = BreakerMode.Enforcing,
                Reason = "started",
                Since = Start,
                Window = default,
                Generation = 1,
                Calls = second * 10,
                FailedCalls = second,
            },
        ],
        [],
        [new EndpointView("charge-order", "rabbitmq://localhost/charge-order", EndpointState.Running, null, ["payments"], null, Queue("charge-order", second))],
        [],
        []);
}
