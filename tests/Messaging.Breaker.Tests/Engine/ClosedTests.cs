using Messaging.Breaker.Engine;

namespace Messaging.Breaker.Tests.Engine;

public class ClosedTests
{
    [Fact]
    public void A_total_outage_after_thousands_of_successes_trips_after_ten_calls()
    {
        var harness = new EngineHarness();
        for (var second = 0; second < 10; second++)
        {
            harness.Succeed(500);
            harness.Advance(1);
        }

        harness.Fail(9);
        Assert.Equal(BreakerState.Closed, harness.Engine.State);
        harness.Fail();
        Assert.Equal(BreakerState.Open, harness.Engine.State);
        Assert.Equal(TransitionCause.ConsecutiveFailures, harness.Last.Cause);
    }

    [Fact]
    public void A_dependency_that_fails_four_of_five_calls_trips_within_a_window_however_busy_it_was()
    {
        var harness = new EngineHarness(options => options.ConsecutiveFailures = null);
        for (var second = 0; second < 10; second++)
        {
            harness.Succeed(500);
            harness.Advance(1);
        }

        var calls = 0;
        while (harness.Engine.State == BreakerState.Closed && calls < 1_000)
        {
            if (++calls % 5 == 0)
                harness.Succeed();
            else
                harness.Fail();
        }

        Assert.InRange(calls, 20, 130);
        Assert.Equal(TransitionCause.FailureRatio, harness.Last.Cause);
    }

    [Fact]
    public void The_ratio_does_not_count_below_the_minimum_throughput()
    {
        var harness = new EngineHarness(options => options.ConsecutiveFailures = null);
        harness.Fail(19);
        Assert.Equal(BreakerState.Closed, harness.Engine.State);
        harness.Fail();
        Assert.Equal(new WindowSnapshot(20, 20, 0), harness.Last.Window);
    }

    [Fact]
    public void A_success_ends_a_row_of_failures()
    {
        var harness = new EngineHarness(options => options.FailureRatio = 1);
        for (var i = 0; i < 20; i++)
        {
            harness.Fail(9);
            harness.Succeed();
        }

        Assert.Equal(BreakerState.Closed, harness.Engine.State);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(3_600)]
    public void Outcomes_leave_the_window_with_time(double seconds)
    {
        var harness = new EngineHarness(options => options.ConsecutiveFailures = null);
        harness.Fail(19);
        harness.Advance(seconds);
        harness.Fail();
        Assert.Equal(BreakerState.Closed, harness.Engine.State);
        Assert.Equal(1, harness.Engine.Read(harness.Now).Evidence.Failures);
    }

    [Fact]
    public void Slow_calls_trip_by_their_own_ratio()
    {
        var harness = new EngineHarness(options =>
            (options.SlowCallDuration, options.SlowCallRatio, options.ConsecutiveFailures) = (TimeSpan.FromSeconds(1), 0.5, null));
        harness.Succeed(15);
        harness.BeSlow(14);
        Assert.Equal(BreakerState.Closed, harness.Engine.State);
        harness.BeSlow();
        Assert.Equal(TransitionCause.SlowCallRatio, harness.Last.Cause);
    }

    [Fact]
    public void Ignored_outcomes_count_for_nothing()
    {
        var harness = new EngineHarness();
        for (var i = 0; i < 100; i++)
            harness.Record(harness.Acquire(), Outcome.Ignored);
        Assert.Equal(default, harness.Engine.Read(harness.Now).Evidence);
    }

    [Fact]
    public void A_failure_that_demands_a_break_trips_at_once_for_at_least_that_long()
    {
        var harness = new EngineHarness();
        harness.Engine.RecordFatal(harness.Acquire(), TransitionCause.TripImmediately, "HTTP 503", 300 * EngineHarness.Second, harness.Now);
        Assert.Equal((TransitionCause.TripImmediately, "HTTP 503"), (harness.Last.Cause, harness.Last.Reason));
        Assert.Equal(300 * EngineHarness.Second, harness.Last.Break);
    }

    [Fact]
    public void Permit_and_record_allocate_nothing()
    {
        var harness = new EngineHarness();
        harness.Succeed(1_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        harness.Succeed(10_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Theory]
    [InlineData(0.5, 10, 10)]
    [InlineData(0.3, 14, 6)]
    [InlineData(1.0, 0, 20)]
    public void The_ratio_trips_when_it_is_reached_and_not_before(double ratio, int successes, int failures)
    {
        var harness = new EngineHarness(options => (options.FailureRatio, options.ConsecutiveFailures) = (ratio, null));
        harness.Succeed(successes);
        harness.Fail(failures - 1);
        Assert.Equal(BreakerState.Closed, harness.Engine.State);
        harness.Fail();
        Assert.Equal((BreakerState.Open, TransitionCause.FailureRatio), (harness.Engine.State, harness.Last.Cause));
    }

    [Fact]
    public void Failures_and_slow_calls_make_one_row()
    {
        var harness = new EngineHarness(options => (options.SlowCallDuration, options.SlowCallRatio) = (TimeSpan.FromSeconds(1), 1));
        harness.Fail(5);
        harness.BeSlow(4);
        Assert.Equal(BreakerState.Closed, harness.Engine.State);
        harness.BeSlow();
        Assert.Equal((TransitionCause.ConsecutiveFailures, new WindowSnapshot(10, 5, 5)), (harness.Last.Cause, harness.Last.Window));
    }

    [Fact]
    public void A_call_is_slow_only_above_the_limit()
    {
        var harness = new EngineHarness(options => (options.SlowCallDuration, options.SlowCallRatio) = (TimeSpan.FromSeconds(1), 0.5));
        harness.Record(harness.Acquire(), Outcome.Success, 1.0);
        Assert.Equal(0, harness.Engine.Read(harness.Now).Evidence.Slow);
        harness.Record(harness.Acquire(), Outcome.Success, 1.01);
        Assert.Equal(1, harness.Engine.Read(harness.Now).Evidence.Slow);
    }

    [Fact]
    public void Without_a_limit_no_call_is_slow()
    {
        var harness = new EngineHarness();
        harness.BeSlow(1_000);
        Assert.Equal(BreakerState.Closed, harness.Engine.State);
        Assert.Equal(0, harness.Engine.Read(harness.Now).Evidence.Slow);
    }

    [Fact]
    public void Without_a_demand_a_fatal_failure_breaks_for_as_long_as_any_other()
    {
        var harness = new EngineHarness();
        harness.RecordFatal(harness.Acquire());
        Assert.Equal(5 * EngineHarness.Second, harness.Last.Break);
    }

    [Fact]
    public void A_single_failure_after_an_idle_hour_trips_where_one_is_enough()
    {
        var harness = new EngineHarness(options => (options.MinimumThroughput, options.ConsecutiveFailures) = (1, null));
        harness.Succeed(50);
        harness.Pass(3_600);
        harness.Fail();
        Assert.Equal(new WindowSnapshot(1, 1, 0), harness.Last.Window);
    }

    [Fact]
    public void A_single_success_after_an_idle_hour_is_in_the_window()
    {
        var harness = new EngineHarness();
        harness.Succeed(50);
        harness.Pass(3_600);
        harness.Succeed();
        Assert.Equal(new WindowSnapshot(1, 0, 0), harness.Engine.Read(harness.Now).Evidence);
    }

    [Fact]
    public void A_failure_of_the_time_before_a_reset_changes_nothing()
    {
        var harness = new EngineHarness();
        var early = harness.Acquire();
        harness.Engine.Reset("test", harness.Now);
        harness.Record(early, Outcome.Failure);
        harness.Record(early, Outcome.Success);
        harness.RecordFatal(early);
        Assert.Equal(default, harness.Engine.Read(harness.Now).Evidence);
        Assert.Equal(BreakerState.Closed, harness.Engine.State);
    }

    [Fact]
    public void New_settings_keep_the_window()
    {
        var harness = new EngineHarness(options => options.ConsecutiveFailures = null);
        harness.Fail(19);
        harness.Reconfigure(options => options.FailureRatio = 0.9);
        Assert.Equal(19, harness.Engine.Read(harness.Now).Evidence.Failures);
        harness.Fail();
        Assert.Equal(TransitionCause.FailureRatio, harness.Last.Cause);
    }

    [Fact]
    public void A_trip_by_an_operator_is_a_break_like_any_other()
    {
        var harness = new EngineHarness();
        harness.Engine.Trip("deploying", 0, harness.Now);
        Assert.Equal((TransitionCause.Operator, "deploying", 5 * EngineHarness.Second), (harness.Last.Cause, harness.Last.Reason, harness.Last.Break));
        harness.Advance(5);
        Assert.Equal(BreakerState.HalfOpen, harness.Engine.State);
    }
}
