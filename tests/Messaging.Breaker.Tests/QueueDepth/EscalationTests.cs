using Messaging.Breaker.Engine;
using Messaging.Breaker.Outages;
using Messaging.Breaker.QueueDepth;
using Messaging.Breaker.Tests.Support;

namespace Messaging.Breaker.Tests.QueueDepth;

/// <summary>An outage that goes on and on, and what an alert says about it when it is over.</summary>
public class EscalationTests
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    readonly SimulatedQueue _queue = new("work") { Breaker = BreakerState.Open, Arrival = 50 };
    readonly List<QueueAlertRaised> _raised = [];
    readonly List<QueueAlertCleared> _cleared = [];
    readonly DependencyEscalation _escalation = new() { Reopens = 20, After = TimeSpan.FromMinutes(30) };
    readonly ActiveAlerts _book;
    OutageReport? _outage;

    public EscalationTests()
    {
        _book = new ActiveAlerts("test", breaker => _outage is { } outage && breaker == "payments" ? new OngoingOutage(outage, _queue.Breaker == BreakerState.Closed) : null, _escalation);
        _outage = Outage(SimulatedQueue.Start);
    }

    [Fact]
    public void After_a_while_the_dependencys_alert_becomes_critical_once_and_says_how_long_and_how_often()
    {
        _outage = _outage! with { Reopens = 12 };
        Run(29 * Minute);
        Assert.Equal(AlertSeverity.Warning, Assert.Single(_raised).Alert.Severity);
        Run(120 * Minute);
        var dependency = _raised.FindAll(raised => raised.Alert.Rule == AlertRule.Dependency);
        Assert.Equal([AlertSeverity.Warning, AlertSeverity.Critical], dependency.Select(raised => raised.Alert.Severity));
        Assert.EndsWith("The breaker has not been closed since 2026-01-01 00:00:00Z, for 30 min, and has reopened 12 times.", dependency[1].Alert.Message, StringComparison.Ordinal);
        Assert.True(dependency[1].Alert.Outage!.IsEscalated);
        Assert.Equal(dependency[0].Alert.Since, dependency[1].Alert.Since);
    }

    [Fact]
    public void After_enough_reopenings_the_alert_becomes_critical_too()
    {
        Run(5 * Minute);
        _outage = _outage! with { Reopens = 19 };
        Run(Minute);
        Assert.Single(_raised);
        _outage = _outage with { Reopens = 20 };
        Run(Minute);
        Assert.Equal(2, _raised.Count);
        Assert.Contains("for 6 min, and has reopened 20 times", _raised[1].Alert.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Escalation_can_be_switched_off_and_does_not_apply_to_an_isolation()
    {
        _escalation.IsEnabled = false;
        Run(60 * Minute);
        _escalation.IsEnabled = true;
        (_escalation.After, _escalation.Reopens) = (null, null);
        Run(10 * Minute);
        _escalation.After = Minute;
        _queue.Breaker = BreakerState.Isolated;
        Run(10 * Minute);
        Assert.All(_raised, raised => Assert.Equal(AlertSeverity.Warning, raised.Alert.Severity));
        Assert.Single(_raised, raised => raised.Alert.Rule == AlertRule.Dependency);
    }

    [Fact]
    public void An_alert_that_is_already_critical_still_reports_the_escalation()
    {
        var options = new QueueDepthOptions { Rules = { Depth = { Severity = AlertSeverity.Critical } } };
        var queue = new SimulatedQueue("work", options) { Breaker = BreakerState.Open, Ready = 5_000 };
        var book = new ActiveAlerts("test", _ => new OngoingOutage(_outage!, IsOver: false), _escalation);
        queue.Run(2 * Minute);
        Assert.Single(book.Update([queue.Watch], _ => BreakerState.Open, queue.Now).Raised);
        _outage = _outage! with { Reopens = 20 };
        Assert.Contains("20 times", Assert.Single(book.Update([queue.Watch], _ => BreakerState.Open, queue.Now).Raised).Alert.Message, StringComparison.Ordinal);
        Assert.Empty(book.Update([queue.Watch], _ => BreakerState.Open, queue.Now).Raised);
    }

    [Fact]
    public void A_cleared_alert_gives_the_length_and_the_cost_of_the_outage()
    {
        Run(5 * Minute);
        _queue.Breaker = BreakerState.Closed;
        _outage = _outage! with { Ended = _queue.Now, Reopens = 3, Queues = [new OutageBacklog { Queue = "work", MostWaiting = 15_000 }], RefusedCalls = 7 };
        (_queue.Arrival, _queue.Capacity) = (0, 200);
        Run(10 * Minute);
        var cleared = Assert.Single(_cleared);
        Assert.Contains(
            ": breaker 'payments' was not closed for 5 min and reopened 3 times; 15,000 messages waited, at least 15,007 calls were spared.", cleared.Message, StringComparison.Ordinal);
        Assert.StartsWith("Over after ", cleared.Message, StringComparison.Ordinal);
        Assert.Equal((15_000L, 15_007L, 3, _outage.Ended), (cleared.Alert.Outage!.MessagesDelayed, cleared.Alert.Outage.CallsSpared, cleared.Alert.Outage.Reopens, cleared.Alert.Outage.Ended));
    }

    [Fact]
    public void An_alert_that_outlasts_a_second_outage_covers_both()
    {
        Run(5 * Minute);
        _queue.Breaker = BreakerState.Closed;
        _outage = _outage! with { Ended = _queue.Now, Reopens = 3, RefusedCalls = 7 };
        Run(SimulatedQueue.Step);
        _queue.Breaker = BreakerState.Open;
        _outage = Outage(_queue.Now) with { Reopens = 2, RefusedCalls = 5 };
        Run(Minute);
        var outage = Assert.Single(_book.Alerts).Outage!;
        Assert.Equal((SimulatedQueue.Start, 6, 12, null), (outage.Began, outage.Reopens, outage.CallsSpared, outage.Ended));
    }

    [Fact]
    public void An_outage_that_was_over_before_is_not_the_cause()
    {
        _queue.Breaker = BreakerState.Closed;
        _outage = _outage! with { Ended = SimulatedQueue.Start };
        (_queue.Capacity, _queue.Ready) = (0, 5_000);
        Run(5 * Minute);
        Assert.Null(Assert.Single(_raised, raised => raised.Alert.Rule == AlertRule.Depth).Alert.Outage);
        Assert.Equal("", AlertText.Cost(_raised[0].Alert, _queue.Now));
    }

    [Fact]
    public void With_the_default_breaks_a_hundred_reopenings_take_about_as_long_as_the_time()
    {
        using var harness = new BreakerHarness();
        harness.Breaker.Trip("a test");
        var began = harness.Clock.GetUtcNow();
        for (var reopens = 0; reopens < new DependencyEscalation().Reopens; reopens++)
        {
            while (harness.Breaker.State != BreakerState.HalfOpen)
                harness.Clock.Advance(TimeSpan.FromMilliseconds(100));
            while (harness.Breaker.State == BreakerState.HalfOpen)
                harness.Record(Outcome.Failure);
        }

        Assert.InRange(harness.Clock.GetUtcNow() - began, 15 * Minute, 90 * Minute);
    }

    static OutageReport Outage(DateTimeOffset began) => new() { Id = "", Breaker = "payments", Began = began, Ended = began, Reason = "ten failures in a row" };

    void Run(TimeSpan duration)
    {
        for (var until = _queue.Now + duration; _queue.Now < until;)
        {
            _queue.Run(SimulatedQueue.Step);
            var (raised, cleared) = _book.Update([_queue.Watch], _ => _queue.Breaker, _queue.Now);
            _raised.AddRange(raised.Where(alert => alert.Alert.Rule is AlertRule.Dependency or AlertRule.Depth));
            _cleared.AddRange(cleared.Where(alert => alert.Alert.Rule == AlertRule.Dependency));
        }
    }
}
