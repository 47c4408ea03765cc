using Messaging.Breaker.QueueDepth;

namespace Messaging.Breaker.Tests.QueueDepth;

public class ForecastTests
{
    static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void While_nobody_consumes_the_growth_is_the_arrival_rate()
    {
        var queue = Paused(arrival: 30);
        queue.Run(Minute);
        Assert.Equal(30, queue.Forecast.ArrivalRate!.Value, 0.1);
        Assert.Null(queue.Forecast.ServiceRate);
        Assert.Null(queue.Forecast.TimeUntilDrained);
    }

    [Fact]
    public void Consumers_that_wait_for_messages_say_nothing_about_what_they_could_handle()
    {
        var queue = Running(arrival: 30);
        queue.Run(Minute);
        Assert.Equal(30, queue.Forecast.ServiceRate!.Value, 0.1);

        queue.Breaker = BreakerState.Open;
        queue.Run(Minute);
        Assert.Null(queue.Forecast.TimeUntilDrained);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Early_in_a_drain_the_forecast_knows_how_long_the_drain_takes(int instances)
    {
        var queue = Paused(arrival: 40);
        queue.Instances = instances;
        queue.Run(Minute);
        queue.Breaker = BreakerState.Closed;
        queue.Run(3 * SimulatedQueue.Step);

        AssertWithin(0.05, queue.Forecast.TimeUntilDrained, queue.RunUntilEmpty());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void In_a_second_outage_the_forecast_knows_it_while_the_breaker_is_still_open(int instances)
    {
        var queue = Paused(arrival: 40);
        queue.Instances = instances;
        queue.Run(Minute);
        queue.Breaker = BreakerState.Closed;
        queue.RunUntilEmpty();
        queue.Run(Minute);
        queue.Breaker = BreakerState.Open;
        queue.Run(3 * Minute);

        var forecast = queue.Forecast.TimeUntilDrained;
        queue.Breaker = BreakerState.Closed;
        AssertWithin(0.1, forecast, queue.RunUntilEmpty());
    }

    [Fact]
    public void A_ramp_distorts_the_forecast_for_about_twice_as_long_as_it_lasts()
    {
        var queue = Paused(arrival: 40);
        queue.Run(5 * Minute);
        queue.Breaker = BreakerState.Closed;
        for (queue.Capacity = 50; queue.Capacity < 100; queue.Capacity += 5)
            queue.Run(SimulatedQueue.Step);
        queue.Run(10 * SimulatedQueue.Step);

        AssertWithin(0.2, queue.Forecast.TimeUntilDrained, queue.RunUntilEmpty());
    }

    [Fact]
    public void A_queue_whose_consumers_are_too_slow_is_never_drained()
    {
        var queue = Running(arrival: 120);
        queue.Run(Minute);
        Assert.Null(queue.Forecast.TimeUntilDrained);
        Assert.Equal(20, queue.Forecast.Growth!.Value, 0.1);
    }

    [Fact]
    public void A_length_limit_is_reached_when_the_forecast_says()
    {
        var queue = Paused(arrival: 10);
        queue.Limits = new QueueLimits(10_000, null);
        queue.Run(Minute);
        var forecast = queue.Watch.TimeUntilExpectedLoss!.Value;
        queue.Run(forecast);
        Assert.Equal(10_000, queue.Ready, 50.0);
        Assert.True(queue.Watch.TimeUntilExpectedLoss < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_limit_threatens_a_consumed_queue_only_while_it_grows()
    {
        var queue = Running(arrival: 90);
        queue.Limits = new QueueLimits(10_000, null);
        queue.Run(Minute);
        Assert.Null(queue.Watch.TimeUntilExpectedLoss);
        Assert.Equal(10_000 / 90.0, queue.Forecast.TimeUntilLoss(queue.Limits)!.Value.TotalSeconds, 1.0);

        queue.Arrival = 110;
        queue.Run(5 * Minute);
        Assert.Equal((10_000 - queue.Ready) / 10, queue.Watch.TimeUntilExpectedLoss!.Value.TotalSeconds, 10.0);
    }

    [Fact]
    public void A_time_to_live_is_counted_from_when_the_oldest_message_came()
    {
        var queue = Paused(arrival: 1);
        queue.Limits = new QueueLimits(null, 10 * Minute);
        queue.Run(Minute);
        Assert.Equal(9 * 60, queue.Watch.TimeUntilExpectedLoss!.Value.TotalSeconds, 2.0);
    }

    [Fact]
    public void The_oldest_message_of_a_draining_queue_is_as_old_as_its_backlog_took_to_arrive()
    {
        var queue = Paused(arrival: 40);
        queue.Run(5 * Minute);
        Assert.Equal(300, queue.Forecast.Age.TotalSeconds, 2.0);

        queue.Breaker = BreakerState.Closed;
        queue.Run(Minute);
        Assert.Equal(queue.Ready / 40, queue.Forecast.Age.TotalSeconds, 2.0);
        queue.RunUntilEmpty();
        Assert.Equal(TimeSpan.Zero, queue.Forecast.Age);
    }

    [Fact]
    public void A_gap_in_the_samples_is_not_taken_for_a_rate()
    {
        var forecast = new QueueForecast(Minute, TimeSpan.FromSeconds(30));
        forecast.Observe(new QueueReading("orders", 0, 0), QueueActivity.Paused, null, SimulatedQueue.Start);
        forecast.Observe(new QueueReading("orders", 1_000, 0), QueueActivity.Paused, null, SimulatedQueue.Start + Minute);
        Assert.Null(forecast.ArrivalRate);
    }

    [Fact]
    public void The_brokers_own_rates_are_taken_before_our_share()
    {
        var forecast = new QueueForecast(Minute, Minute);
        var reading = new QueueReading("orders", 500, 3) { ArrivalRate = 70, ServiceRate = 90 };
        forecast.Observe(reading, QueueActivity.Running, 0, SimulatedQueue.Start);
        forecast.Observe(reading with { Ready = 460 }, QueueActivity.Running, 10, SimulatedQueue.Start + SimulatedQueue.Step);
        Assert.Equal((70, 90), (forecast.ArrivalRate, forecast.ServiceRate));
        Assert.Equal(23, forecast.TimeUntilDrained!.Value.TotalSeconds, 0.01);
    }

    static SimulatedQueue Paused(double arrival)
    {
        var queue = new SimulatedQueue { Arrival = arrival, Breaker = BreakerState.Open };
        queue.Sample();
        return queue;
    }

    static SimulatedQueue Running(double arrival)
    {
        var queue = new SimulatedQueue { Arrival = arrival };
        queue.Sample();
        return queue;
    }

    static void AssertWithin(double share, TimeSpan? forecast, TimeSpan actual)
    {
        Assert.NotNull(forecast);
        Assert.InRange(forecast.Value / actual, 1 - share, 1 + share);
    }
}
