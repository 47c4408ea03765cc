using Messaging.Breaker.QueueDepth;

namespace Messaging.Breaker.Tests.QueueDepth;

public class AlertBookTests
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    readonly ActiveAlerts _book = new("test");
    readonly SimulatedQueue[] _queues = [new("a"), new("b"), new("c")];
    readonly List<string> _events = [];

    [Fact]
    public void A_backlog_behind_an_open_breaker_on_three_queues_is_one_alert_about_the_dependency()
    {
        Set(BreakerState.Open, arrival: 50);
        Run(6 * Minute);
        var alert = Assert.Single(_book.Alerts);
        Assert.Equal((AlertRule.Dependency, "payments", BreakerState.Open), (alert.Rule, alert.Breaker, alert.BreakerState));
        Assert.Equal(["a", "b", "c"], alert.Queues);
        Assert.Equal(["+dependency/breaker:payments"], _events);
        Assert.Contains("ten failures in a row", alert.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_the_breaker_closed_the_same_backlog_is_three_alerts()
    {
        Set(BreakerState.Closed, arrival: 0, capacity: 0, ready: 5_000);
        Run(2 * Minute);
        Assert.Equal(["+depth/queue:a", "+depth/queue:b", "+depth/queue:c"], _events);
        Assert.All(_book.Alerts, alert => Assert.Null(alert.Breaker));
    }

    [Fact]
    public void A_backlog_is_attributed_to_the_dependency_when_its_breaker_opens()
    {
        Set(BreakerState.Closed, arrival: 0, capacity: 0, ready: 5_000);
        Run(2 * Minute);
        _events.Clear();
        Set(BreakerState.Open, arrival: 0);
        Run(Minute);
        Assert.Equal(["-depth/queue:a", "-depth/queue:b", "-depth/queue:c", "+dependency/breaker:payments"], _events);
    }

    [Fact]
    public void A_backlog_that_shrinks_after_the_outage_stays_attributed_to_it_until_it_is_gone()
    {
        Set(BreakerState.Open, arrival: 50);
        Run(5 * Minute);
        Set(BreakerState.Closed, arrival: 50, capacity: 100);
        Run(2 * Minute);
        Assert.Equal(BreakerState.Closed, Assert.Single(_book.Alerts).BreakerState);
        Run(10 * Minute);
        Assert.Equal(["+dependency/breaker:payments", "-dependency/breaker:payments"], _events);
    }

    [Fact]
    public void A_backlog_that_does_not_shrink_after_the_outage_is_attributed_to_each_queue()
    {
        Set(BreakerState.Open, arrival: 50);
        Run(5 * Minute);
        Set(BreakerState.Closed, arrival: 50, capacity: 50);
        Run(3 * Minute);
        Assert.Equal(3, _book.Alerts.Count(alert => alert.Rule == AlertRule.Depth));
        Assert.DoesNotContain(_book.Alerts, alert => alert.Rule == AlertRule.Dependency);
    }

    [Fact]
    public void A_long_pause_and_a_coming_loss_are_alerts_of_their_own_once_for_all_queues()
    {
        Set(BreakerState.Open, arrival: 2);
        foreach (var queue in _queues)
            queue.Limits = new QueueLimits(3_000, null);
        Run(20 * Minute);
        Assert.Equal(
            ["+dependency/breaker:payments", "+loss/breaker:payments", "+paused/breaker:payments"], _events.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_alert_whose_severity_rises_is_raised_again_with_the_time_of_its_beginning()
    {
        var options = new QueueDepthOptions { Rules = { Age = { Severity = AlertSeverity.Critical } } };
        var queue = new SimulatedQueue("a", options) { Breaker = BreakerState.Open, Ready = 5_000 };
        queue.Run(Minute + SimulatedQueue.Step);
        var first = Assert.Single(Update(queue).Raised).Alert;
        queue.Run(6 * Minute);
        var second = Assert.Single(Update(queue).Raised).Alert;
        Assert.Equal((AlertSeverity.Warning, AlertSeverity.Critical), (first.Severity, second.Severity));
        Assert.Equal(first.Since, second.Since);
    }

    (List<QueueAlertRaised> Raised, List<QueueAlertCleared> Cleared) Update(params SimulatedQueue[] queues) =>
        _book.Update([.. queues.Select(queue => queue.Watch)], _ => queues[0].Breaker, queues[0].Now);

    void Set(BreakerState state, double arrival, double? capacity = null, double? ready = null)
    {
        foreach (var queue in _queues)
            (queue.Breaker, queue.Arrival, queue.Capacity, queue.Ready) = (state, arrival, capacity ?? queue.Capacity, ready ?? queue.Ready);
    }

    void Run(TimeSpan duration)
    {
        for (var until = _queues[0].Now + duration; _queues[0].Now < until;)
        {
            foreach (var queue in _queues)
                queue.Run(SimulatedQueue.Step);
            var (raised, cleared) = Update(_queues);
            _events.AddRange(cleared.Select(alert => $"-{alert.Key}"));
            _events.AddRange(raised.Select(alert => $"+{alert.Key}"));
        }
    }
}
