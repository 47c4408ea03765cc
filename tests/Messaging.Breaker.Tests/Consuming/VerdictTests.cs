using MassTransit;

namespace Messaging.Breaker.Tests.Consuming;

public class VerdictTests
{
    const int Poison = 7;

    [Fact]
    public async Task An_outage_dead_letters_nothing_and_what_was_held_is_handled_afterwards()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails);
        await pipeline.SendAsync(0, 100);
        await pipeline.UntilAsync(BreakerState.Open);
        Assert.InRange(pipeline.Calls.Count, 10, Pipeline.Concurrency + 10);

        var breaks = pipeline.Breaker.GetSnapshot().Generation;
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.GetSnapshot().Generation >= breaks + 2, "a round of probes to fail");
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 100, "all messages to be handled");
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_poison_message_is_charged_after_two_failures_amid_successes_and_then_gets_its_retries()
    {
        await using var pipeline = await Pipeline.StartAsync(
            (work, _) => work.Number == Poison ? throw new InvalidDataException("poison") : Task.CompletedTask,
            endpoint: endpoint => endpoint.UseMessageRetry(retry => retry.Immediate(3)));
        await pipeline.SendAsync(Poison, 1);
        await pipeline.UntilCalledAsync(1);
        await pipeline.SendAsync(100, 1);
        await Eventually.Is(() => pipeline.Calls.Count(number => number == Poison), calls => calls == 2, "the retest");
        pipeline.AssertNothingDeadLettered();

        await pipeline.SendAsync(101, 1);
        await Eventually.Is(() => pipeline.DeadLettered.ToArray(), numbers => numbers is [Poison], "the poison message in _error");
        await Eventually.Is(() => pipeline.Faults, faults => faults == 1, "one fault");
        Assert.Equal(2 + 3, pipeline.Calls.Count(number => number == Poison));
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);
    }

    [Fact]
    public async Task The_users_retry_sees_nothing_of_an_outage()
    {
        await using var pipeline = await Pipeline.StartAsync(
            Pipeline.Fails, endpoint: endpoint => endpoint.UseMessageRetry(retry => retry.Immediate(3)));
        await pipeline.SendAsync(0, 5);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "a trip");
        Assert.InRange(pipeline.Calls.Count, 10, 10 + 4);
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 5, "all messages to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_lone_failing_message_ends_in_a_trip()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails);
        await pipeline.SendAsync(0, 1);
        await pipeline.UntilCalledAsync(1);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "a trip");
        Assert.Equal(10, pipeline.Calls.Count);
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 1, "the message to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task Without_waiting_a_failure_goes_its_ordinary_way_at_once()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails, options => options.WaitForVerdict = false);
        await pipeline.SendAsync(0, 1);
        await Eventually.Is(() => pipeline.DeadLettered.Count, count => count == 1, "the message in _error");
        Assert.Single(pipeline.Calls);
    }

    [Fact]
    public async Task An_ignored_exception_is_the_messages_own()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails, options => options.Ignore<IOException>());
        await pipeline.SendAsync(0, 30);
        await Eventually.Is(() => pipeline.DeadLettered.Count, count => count == 30, "the messages in _error");
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);
    }

    [Fact]
    public async Task A_breaker_in_shadow_reports_a_trip_and_holds_nothing()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails, options => options.Mode = BreakerMode.Shadow);
        await pipeline.SendAsync(0, 30);
        await Eventually.Is(() => pipeline.DeadLettered.Count, count => count == 30, "the messages in _error");
        Assert.Equal(BreakerState.Open, pipeline.Breaker.State);
    }

    [Fact]
    public async Task A_time_out_of_the_endpoint_counts_and_its_message_survives_the_outage()
    {
        await using var pipeline = await Pipeline.StartAsync(
            (_, token) => Task.Delay(Timeout.Infinite, token),
            endpoint: endpoint => endpoint.UseTimeout(timeout => timeout.Timeout = TimeSpan.FromMilliseconds(50)));
        await pipeline.SendAsync(0, 5);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "a trip");
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 5, "all messages to be handled");
        pipeline.AssertNothingDeadLettered();
    }
}
