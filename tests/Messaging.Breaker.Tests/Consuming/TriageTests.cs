using MassTransit;

namespace Messaging.Breaker.Tests.Consuming;

public class TriageTests
{
    const int Poison = 7;

    static bool IsPoison(int number) => number == Poison;

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

    // A handler gets the second from a scope that it kept too long. The end of the whole container looks the same.
    public static TheoryData<Exception> PoisonousExceptions => [new InvalidDataException("poison"), new ObjectDisposedException(nameof(IServiceProvider))];

    [Theory]
    [MemberData(nameof(PoisonousExceptions))]
    public async Task A_poison_message_is_charged_once_chance_cannot_explain_it_and_then_gets_its_retries(Exception poison)
    {
        await using var pipeline = await Pipeline.StartAsync(
            (work, _) => work.Number == Poison ? throw poison : Task.CompletedTask,
            endpoint: endpoint => endpoint.UseMessageRetry(retry => retry.Immediate(3)));
        await pipeline.SendAsync(Poison, 1);
        await Eventually.Is(() => pipeline.Calls.Count(IsPoison), calls => calls == 1, "the poison message to be run");
        for (var others = 1; pipeline.DeadLettered.IsEmpty; others++)
        {
            Assert.InRange(others, 1, 200);
            await pipeline.SendAsync(100 + others, 1);
            await pipeline.UntilHandledAsync(others);
        }

        Assert.Equal([Poison], pipeline.DeadLettered);
        await Eventually.Is(() => pipeline.Faults, faults => faults == 1, "one fault");
        Assert.InRange(pipeline.Calls.Count(IsPoison), 3 + 3, 12 + 3);
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.33)]
    [InlineData(0.6)]
    public async Task A_half_dead_dependency_costs_no_message(double failureRatio)
    {
        var random = new Random(1);
        await using var pipeline = await Pipeline.StartAsync(
            (_, _) =>
            {
                bool fails;
                lock (random)
                    fails = random.NextDouble() < failureRatio;
                return fails ? throw new IOException("The dependency is half dead.") : Task.CompletedTask;
            },
            options => options.BreakDuration = options.MaxBreakDuration = TimeSpan.FromMilliseconds(100));
        await pipeline.SendAsync(0, 1_000);
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 1_000, "all messages to be handled");
        pipeline.AssertNothingDeadLettered();
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
    public async Task A_message_that_first_failed_by_its_own_fault_still_survives_an_outage()
    {
        var attempts = 0;
        await using var pipeline = await Pipeline.StartAsync(
            (_, _) => throw (Interlocked.Increment(ref attempts) == 1 ? new ArgumentException("the message's own") : new IOException("The dependency is down.")),
            options => options.Ignore<ArgumentException>(),
            endpoint => endpoint.UseMessageRetry(retry => retry.Immediate(3)));
        await pipeline.SendAsync(0, 1);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "a trip");
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 1, "the message to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_stop_does_not_run_a_failing_message_again_and_again()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails);
        await pipeline.SendAsync(0, 1);
        await pipeline.UntilCalledAsync(1);
        await pipeline.Bus.StopAsync(TestContext.Current.CancellationToken);
        Assert.Single(pipeline.Calls);
    }

    [Fact]
    public async Task A_lone_failing_message_ends_in_a_trip()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails);
        await pipeline.SendAsync(0, 1);
        await pipeline.UntilCalledAsync(1);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "a trip");
        Assert.Equal(3, pipeline.Calls.Count);
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 1, "the message to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_message_that_failed_amid_successes_trips_the_breaker_once_it_is_alone()
    {
        await using var pipeline = await Pipeline.StartAsync((work, _) => work.Number == Poison ? throw new InvalidDataException("poison") : Task.CompletedTask);
        await pipeline.SendAsync(Poison, 1);
        await pipeline.UntilCalledAsync(1);
        await pipeline.SendAsync(0, 1);
        await pipeline.UntilCalledAsync(3);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "a trip");
        Assert.Equal(1 + 3, pipeline.Calls.Count(IsPoison));
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_message_that_fails_after_a_healthy_time_and_stays_alone_for_minutes_is_found_at_fault()
    {
        await using var pipeline = await Pipeline.StartAsync((work, _) => work.Number == Poison ? throw new InvalidDataException("poison") : Task.CompletedTask);
        await pipeline.SendAsync(100, 30);
        await pipeline.UntilHandledAsync(30);
        await pipeline.SendAsync(Poison, 1);
        var failedAt = pipeline.Clock.GetUtcNow();
        await pipeline.PassTimeUntilAsync(() => !pipeline.DeadLettered.IsEmpty, "the message in _error", TimeSpan.FromSeconds(1));
        Assert.InRange(pipeline.Clock.GetUtcNow() - failedAt, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(8));
    }

    [Fact]
    public async Task A_message_that_fails_alone_out_of_the_blue_is_never_found_at_fault()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails);
        await pipeline.SendAsync(0, 1);
        await pipeline.UntilCalledAsync(1);
        var end = pipeline.Clock.GetUtcNow() + TimeSpan.FromMinutes(30);
        await pipeline.PassTimeUntilAsync(() => pipeline.Clock.GetUtcNow() > end, "half an hour", TimeSpan.FromSeconds(5));
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task Three_messages_a_minute_are_enough_to_tell_an_outage_from_bad_messages()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails);
        for (var number = 0; number < 12; number++)
        {
            await pipeline.SendAsync(number, 1);
            var next = pipeline.Clock.GetUtcNow() + TimeSpan.FromSeconds(20);
            await pipeline.PassTimeUntilAsync(() => pipeline.Clock.GetUtcNow() >= next, "twenty seconds");
        }

        Assert.NotEqual(BreakerState.Closed, pipeline.Breaker.State);
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 12, "all messages to be handled");
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
        await pipeline.SendAsync(0, 15);
        await Eventually.Is(() => pipeline.DeadLettered.Count, count => count == 15, "the messages in _error");
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);
    }

    [Fact]
    public async Task A_breaker_in_shadow_reports_a_trip_and_holds_nothing()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails, options => options.Mode = BreakerMode.Shadow);
        await pipeline.SendAsync(0, 15);
        await Eventually.Is(() => pipeline.DeadLettered.Count, count => count == 15, "the messages in _error");
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
