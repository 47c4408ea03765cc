using Messaging.Breaker.QueueDepth;

namespace Messaging.Breaker.Tests.QueueDepth;

/// <summary>Each rule, on a queue of its own: when it is raised, that it tolerates a wavering figure, and when it is cleared.</summary>
public class AlertRuleTests
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Depth_is_raised_when_it_lasts_and_cleared_when_it_is_well_below_for_a_while()
    {
        var queue = new SimulatedQueue(options: Only(rules => rules.Depth)) { Capacity = 0, Ready = 1_000 };
        queue.Sample();
        queue.Run(Minute - SimulatedQueue.Step);
        AssertRaised(queue);
        queue.Run(SimulatedQueue.Step);
        AssertRaised(queue, AlertRule.Depth);

        queue.Ready = 900;
        queue.Run(5 * Minute);
        AssertRaised(queue, AlertRule.Depth);
        queue.Ready = 700;
        queue.Run(Minute);
        AssertRaised(queue, AlertRule.Depth);
        queue.Run(SimulatedQueue.Step);
        AssertRaised(queue);
    }

    [Fact]
    public void A_depth_that_falls_back_in_time_restarts_the_wait()
    {
        var queue = new SimulatedQueue { Capacity = 0, Ready = 2_000 };
        queue.Run(Minute);
        queue.Ready = 0;
        queue.Run(SimulatedQueue.Step);
        queue.Ready = 2_000;
        queue.Run(Minute);
        AssertRaised(queue);
    }

    [Fact]
    public void Growth_is_raised_when_the_consumers_do_not_keep_up_and_cleared_when_they_do()
    {
        var queue = new SimulatedQueue(options: Only(rules => rules.Growth)) { Arrival = 115 };
        queue.Run(6 * Minute);
        AssertRaised(queue, AlertRule.Growth);
        queue.Arrival = 109;
        queue.Run(10 * Minute);
        AssertRaised(queue, AlertRule.Growth);
        queue.Arrival = 100;
        queue.Run(5 * Minute);
        AssertRaised(queue);
    }

    [Fact]
    public void Age_is_raised_for_a_few_messages_that_nobody_handles()
    {
        var queue = new SimulatedQueue(options: Only(rules => rules.Age)) { Capacity = 0, Ready = 3 };
        queue.Run(5 * Minute);
        AssertRaised(queue);
        queue.Run(Minute);
        AssertRaised(queue, AlertRule.Age);
        queue.Ready = 0;
        queue.Run(2 * Minute);
        AssertRaised(queue);
    }

    [Fact]
    public void Loss_is_raised_while_there_is_time_to_act_and_cleared_when_the_limit_is_far_again()
    {
        var queue = new SimulatedQueue(options: Only(rules => rules.Loss)) { Arrival = 1, Breaker = BreakerState.Open, Limits = new QueueLimits(3_000, null) };
        queue.Run(15 * Minute);
        AssertRaised(queue);
        queue.Run(6 * Minute);
        AssertRaised(queue, AlertRule.Loss);
        Assert.Equal(AlertSeverity.Critical, Assert.Single(queue.Watch.Raised).Severity);

        queue.Breaker = BreakerState.Closed;
        queue.Run(2 * Minute);
        AssertRaised(queue);
    }

    [Fact]
    public void Paused_counts_through_probing_and_ends_with_the_pause()
    {
        var queue = new SimulatedQueue { Breaker = BreakerState.Open };
        queue.Run(10 * Minute);
        queue.Breaker = BreakerState.HalfOpen;
        queue.Run(4 * Minute);
        AssertRaised(queue);
        queue.Breaker = BreakerState.Open;
        queue.Run(2 * Minute);
        AssertRaised(queue, AlertRule.Paused);

        queue.Breaker = BreakerState.Closed;
        queue.Run(2 * Minute);
        AssertRaised(queue);
    }

    [Fact]
    public void An_operators_hold_is_a_pause_too()
    {
        var queue = new SimulatedQueue { Hold = "migrating the table" };
        queue.Run(16 * Minute);
        AssertRaised(queue, AlertRule.Paused);
        Assert.Null(queue.Watch.Dependency);
    }

    [Fact]
    public void A_queue_may_have_thresholds_of_its_own_and_rules_turned_off()
    {
        var options = new QueueDepthOptions();
        options.Overrides["ORDERS"] = new QueueAlertRules { Depth = { Raise = 50, For = TimeSpan.Zero }, Age = { IsEnabled = false } };
        var own = new SimulatedQueue(options: options) { Capacity = 0, Ready = 50 };
        var other = new SimulatedQueue("invoices", options) { Capacity = 0, Ready = 50 };
        own.Run(10 * Minute);
        other.Run(10 * Minute);
        AssertRaised(own, AlertRule.Depth);
        AssertRaised(other, AlertRule.Age);
    }

    [Fact]
    public void Demand_is_the_backlog_and_stays_as_it_was_while_the_breaker_is_not_closed()
    {
        var queue = new SimulatedQueue { Arrival = 150 };
        queue.Run(Minute);
        var before = queue.Watch.Demand;
        Assert.Equal((long)queue.Ready, before);

        foreach (var state in new[] { BreakerState.Open, BreakerState.HalfOpen, BreakerState.Isolated })
        {
            queue.Breaker = state;
            queue.Run(Minute);
            Assert.Equal(before, queue.Watch.Demand);
        }

        queue.Breaker = BreakerState.Closed;
        queue.Run(SimulatedQueue.Step);
        Assert.Equal((long)queue.Ready, queue.Watch.Demand);
    }

    static IEnumerable<string> Raised(SimulatedQueue queue) => queue.Watch.Raised.Select(condition => condition.Rule);

    static void AssertRaised(SimulatedQueue queue, params string[] rules) => Assert.Equal(rules, Raised(queue));

    static QueueDepthOptions Only<T>(Func<QueueAlertRules, QueueAlertRule<T>> choose) where T : struct
    {
        var options = new QueueDepthOptions();
        var rules = options.Rules;
        (rules.Depth.IsEnabled, rules.Growth.IsEnabled, rules.Age.IsEnabled, rules.Loss.IsEnabled, rules.Paused.IsEnabled) =
            (false, false, false, false, false);
        choose(rules).IsEnabled = true;
        return options;
    }
}
