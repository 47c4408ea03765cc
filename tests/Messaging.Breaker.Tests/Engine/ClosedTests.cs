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
    public void A_dependency_that_fails_four_of_five_calls_is_recognised_within_a_window_however_busy_it_was()
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
    public void One_failure_that_demands_it_trips_at_once_for_at_least_as_long_as_it_asks()
    {
        var harness = new EngineHarness();
        harness.Engine.RecordFatal(harness.Acquire(), "HTTP 503", 300 * EngineHarness.Second, harness.Now);
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
}
