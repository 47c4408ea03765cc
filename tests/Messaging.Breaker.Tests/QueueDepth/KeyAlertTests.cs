using System.Globalization;
using Messaging.Breaker.QueueDepth;

namespace Messaging.Breaker.Tests.QueueDepth;

/// <summary>A breaker whose keys are down has one alert, however many there are and however often they come and go.</summary>
public class KeyAlertTests
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    readonly ActiveAlerts _book = new("test");
    readonly SimulatedQueue[] _queues = [new("a"), new("b")];
    readonly List<string> _events = [];

    QueueAlert Alert => Assert.Single(_book.Alerts);

    [Fact]
    public void Keys_that_are_down_for_a_minute_are_one_alert_that_names_the_worst_five()
    {
        Down(7);
        Run(Minute);
        Assert.Empty(_events);
        Run(SimulatedQueue.Step);
        Assert.Equal(["+keys/breaker:payments"], _events);
        Assert.Equal((AlertRule.Keys, AlertSeverity.Warning, "payments", BreakerState.Closed, 2), (Alert.Rule, Alert.Severity, Alert.Breaker, Alert.BreakerState, Alert.MoreKeys));
        Assert.Equal(["a", "b"], Alert.Queues);
        Assert.Equal(["0", "1", "2", "3", "4"], Alert.Keys);
        Assert.Equal(
            "Breaker 'payments': 7 keys are down; 70 messages of keys wait, the oldest for at most 62 s. '0' is Open, 10 wait: it hangs; '1' is Open, 10 wait: it hangs; "
            + "'2' is Open, 10 wait: it hangs; '3' is Open, 10 wait: it hangs; '4' is Open, 10 wait: it hangs; and 2 more. The other keys are served.",
            Alert.Message);
    }

    [Fact]
    public void It_ends_when_none_is_down_for_a_minute_and_not_between_probes()
    {
        Down(1);
        Run(2 * Minute);
        for (var round = 0; round < 20; round++)
        {
            Down(0);
            Run(10 * SimulatedQueue.Step);
            Down(1);
            Run(10 * SimulatedQueue.Step);
        }

        Assert.Equal(["+keys/breaker:payments"], _events);
        Down(0);
        Run(Minute);
        Assert.Contains("no key is down any more", Alert.Message, StringComparison.Ordinal);
        Run(SimulatedQueue.Step);
        Assert.Equal(["+keys/breaker:payments", "-keys/breaker:payments"], _events);
    }

    [Fact]
    public void It_is_raised_again_when_other_keys_are_the_worst_but_at_most_every_five_minutes()
    {
        Down(1);
        Run(2 * Minute);
        for (var round = 1; round <= 90; round++)
        {
            Down(1, from: round);
            Run(10 * SimulatedQueue.Step);
            Assert.Equal(round.ToString(CultureInfo.InvariantCulture), Assert.Single(Alert.Keys));
        }

        // Half an hour, a new key every twenty seconds.
        Assert.InRange(_events.Count, 5, 7);
        Assert.All(_events, happened => Assert.Equal("+keys/breaker:payments", happened));
    }

    [Fact]
    public void It_is_raised_again_when_twice_as_many_keys_are_down_but_not_for_a_few_more()
    {
        Down(8);
        Run(7 * Minute);
        Down(15);
        Run(7 * Minute);
        Assert.Single(_events);
        Down(16);
        Run(SimulatedQueue.Step);
        Assert.Equal(2, _events.Count);
        Run(7 * Minute);
        Assert.Equal(2, _events.Count);
    }

    [Fact]
    public void While_the_whole_is_open_the_dependencys_alert_speaks_for_the_keys()
    {
        Down(3);
        Run(2 * Minute);
        Down(0);
        foreach (var queue in _queues)
            (queue.Breaker, queue.Arrival) = (BreakerState.Open, 50);
        Run(6 * Minute);
        Assert.Equal(["+dependency/breaker:payments", "+keys/breaker:payments", "-keys/breaker:payments"], _events.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void It_can_be_turned_off_or_wait_for_more()
    {
        var options = new QueueDepthOptions { Rules = { Keys = { IsEnabled = false } } };
        options.Overrides["b"] = new QueueAlertRules { Keys = { IsEnabled = true, Raise = 3, Severity = AlertSeverity.Critical } };
        (_queues[0], _queues[1]) = (new SimulatedQueue("a", options), new SimulatedQueue("b", options));
        Down(2);
        Run(5 * Minute);
        Assert.Empty(_events);
        Down(3);
        Run(2 * Minute);
        Assert.Equal(("b", AlertSeverity.Critical), (Assert.Single(Alert.Queues), Alert.Severity));
    }

    void Down(int count, int from = 0)
    {
        var at = _queues[0].Now;
        var summary = new BreakerKeySummary
        {
            Remembered = 100,
            Open = count,
            HalfOpen = 0,
            Isolated = 2,
            Emptying = 1,
            Parked = 10 * count,
            ParkedBytes = null,
            OldestParkedAt = count > 0 ? at : null,
        };
        var worst = Enumerable.Range(from, Math.Min(count, 5)).Select(number => new BreakerKeySnapshot
        {
            Key = number.ToString(CultureInfo.InvariantCulture),
            State = BreakerState.Open,
            Since = at,
            Reason = "it hangs",
            NextProbeAt = null,
            HasQueue = true,
            Parked = 10,
        });
        foreach (var queue in _queues)
            queue.Keys = new KeyCondition("payments", summary, [.. worst]);
    }

    void Run(TimeSpan duration)
    {
        for (var until = _queues[0].Now + duration; _queues[0].Now < until;)
        {
            foreach (var queue in _queues)
                queue.Run(SimulatedQueue.Step);
            var (raised, cleared) = _book.Update([.. _queues.Select(queue => queue.Watch)], _ => _queues[0].Breaker, _queues[0].Now);
            _events.AddRange(cleared.Select(alert => $"-{alert.Key}"));
            _events.AddRange(raised.Select(alert => $"+{alert.Key}"));
        }
    }
}
