using System.Diagnostics.Metrics;
using MassTransit;
using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Tests.Consuming;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Telemetry;

/// <summary>What a message that goes through a guarded endpoint leaves in the metrics.</summary>
public class MetricsTests
{
    static readonly (string, string) First = ("messaging.breaker.name", "first");
    static readonly (string, string) Endpoint = ("messaging.destination.name", Pipeline.Queue);

    [Fact]
    public async Task An_outage_shows_in_state_transitions_failures_and_verdicts()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails);
        using var measured = Listen(pipeline);
        Assert.Equal(1, measured.Sum("messaging.breaker.state", First, ("messaging.breaker.state", "closed")));

        await pipeline.SendAsync(0, Pipeline.Concurrency);
        await pipeline.UntilAsync(BreakerState.Open);
        Assert.Equal(1, measured.Sum("messaging.breaker.state", First, ("messaging.breaker.state", "open")));
        Assert.Equal(0, measured.Sum("messaging.breaker.state", First, ("messaging.breaker.state", "closed")));
        Assert.Equal(1, measured.Sum("messaging.breaker.state", First));
        await UntilTransitionAsync(measured, "consecutive_failures");
        Assert.Equal(10, measured.Sum("messaging.breaker.outcomes", First, ("messaging.breaker.outcome", "failure")));
        Assert.Equal(0, measured.Sum("messaging.breaker.outcomes", First, ("messaging.breaker.outcome", "success")));
        await Eventually.Is(
            () => measured.Count("messaging.breaker.verdict.duration", Endpoint, ("messaging.breaker.verdict", "return")),
            count => count == pipeline.Calls.Count,
            "a verdict on every failure");

        pipeline.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, measured.Sum("messaging.breaker.time_in_state", First), 0.001);
    }

    [Fact]
    public async Task A_recovery_shows_in_probes_and_in_the_ramp()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        using var measured = Listen(pipeline);
        Assert.Equal(0, measured.Sum("messaging.breaker.ramp.limit", First));
        pipeline.Breaker.Trip("test");
        await pipeline.SendAsync(0, 2);
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 2, "two probes");
        await pipeline.UntilAsync(BreakerState.Closed);
        Assert.Equal(2, measured.Sum("messaging.breaker.probes", First, ("messaging.breaker.outcome", "success")));
        Assert.Equal(2, measured.Sum("messaging.breaker.outcomes", First, ("messaging.breaker.outcome", "success")));
        await Eventually.Is(() => measured.Sum("messaging.breaker.ramp.limit", First), limit => limit == 3, "the ramp to begin");
    }

    [Fact]
    public async Task Outcomes_tell_successes_slow_calls_and_what_was_ignored_apart()
    {
        Pipeline? running = null;
        await using var pipeline = await Pipeline.StartAsync(
            (work, _) =>
            {
                if (work.Number == 1)
                    throw new InvalidDataException("not the dependency's fault");
                if (work.Number == 2)
                    running!.Clock.Advance(TimeSpan.FromSeconds(2));
                return Task.CompletedTask;
            },
            options =>
            {
                options.Ignore<InvalidDataException>();
                (options.SlowCallDuration, options.SlowCallRatio) = (TimeSpan.FromSeconds(1), 1);
            });
        running = pipeline;
        using var measured = Listen(pipeline);
        for (var number = 0; number < 3; number++)
        {
            await pipeline.SendAsync(number, 1);
            await pipeline.UntilCalledAsync(number + 1);
        }

        foreach (var outcome in (string[])["success", "ignored", "slow"])
            await Eventually.Is(
                () => measured.Sum("messaging.breaker.outcomes", First, ("messaging.breaker.outcome", outcome)), sum => sum == 1, $"one outcome of {outcome}");
        Assert.Equal(3, measured.Sum("messaging.breaker.outcomes", First));
    }

    [Fact]
    public async Task A_failure_that_trips_immediately_is_counted_too()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails, options => options.TripImmediately<IOException>());
        using var measured = Listen(pipeline);
        await pipeline.SendAsync(0, 1);
        await pipeline.UntilAsync(BreakerState.Open);
        Assert.Equal(1, measured.Sum("messaging.breaker.outcomes", First, ("messaging.breaker.outcome", "failure")));
        await UntilTransitionAsync(measured, "trip_immediately");
    }

    [Fact]
    public async Task A_verdict_is_measured_by_how_long_the_message_waited_for_it()
    {
        var calls = 0;
        await using var pipeline = await Pipeline.StartAsync((_, _) => ++calls == 1 ? throw new IOException("once") : Task.CompletedTask);
        using var measured = Listen(pipeline);
        await pipeline.SendAsync(0, 1);
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 1, "the retest");
        var waited = measured.Sum("messaging.breaker.verdict.duration", Endpoint, ("messaging.breaker.verdict", "retest"));
        Assert.Equal(1, measured.Count("messaging.breaker.verdict.duration"));
        Assert.Equal(new BreakerOptions().RetestDelay.TotalSeconds, waited, 0.3);
    }

    [Fact]
    public async Task A_message_that_is_charged_is_counted_as_at_fault_itself()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails, options => options.WaitForVerdict = false);
        using var measured = Listen(pipeline);
        await pipeline.SendAsync(0, 1);
        await Eventually.Is(() => pipeline.DeadLettered.Count, count => count == 1, "the message in _error");
        Assert.Equal(1, measured.Count("messaging.breaker.verdict.duration", Endpoint, ("messaging.breaker.verdict", "own")));
    }

    [Fact]
    public async Task A_pause_is_measured_when_it_ends_and_seen_while_it_lasts()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        using var measured = Listen(pipeline);
        pipeline.Endpoints.Pause(Pipeline.Queue, "test");
        Assert.Equal(1, measured.Sum("messaging.breaker.endpoint.state", Endpoint, ("messaging.breaker.endpoint.state", "paused")));
        Assert.Equal(1, measured.Sum("messaging.breaker.endpoint.state", Endpoint));
        // The gate's loop may see a pause late or never, and on this transport nothing shows when it does. So the test pauses repeatedly.
        var isPaused = true;
        await Eventually.Is(
            () =>
            {
                pipeline.Clock.Advance(TimeSpan.FromSeconds(10));
                if (isPaused)
                    pipeline.Endpoints.Resume(Pipeline.Queue);
                else
                    pipeline.Endpoints.Pause(Pipeline.Queue, "test");
                isPaused = !isPaused;
                return measured.Sum("messaging.breaker.pause.duration", Endpoint);
            },
            seconds => seconds >= 10,
            "a pause to be measured");
    }

    [Fact]
    public async Task A_message_that_is_given_up_for_a_stop_is_a_return()
    {
        var received = 0;
        await using var pipeline = await Pipeline.StartAsync(
            Pipeline.Works, endpoint: endpoint => endpoint.ConfigureReceive(pipe => pipe.UseExecute(_ => Interlocked.Increment(ref received))));
        using var measured = Listen(pipeline);
        pipeline.Breaker.Isolate("test");
        await pipeline.SendAsync(0, 3);
        await Eventually.Is(() => Volatile.Read(ref received), count => count == 3, "the messages to arrive");
        await pipeline.Bus.StopAsync(TestContext.Current.CancellationToken);
        await Eventually.Is(
            () => measured.Sum("messaging.breaker.returns", Endpoint, First, ("messaging.breaker.state", "isolated")), sum => sum == 3, "three returns");
    }

    [Fact]
    public async Task The_mode_is_reported_beside_the_state()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        using var measured = Listen(pipeline);
        pipeline.Breaker.Shadow("test");
        Assert.Equal(1, measured.Sum("messaging.breaker.mode", First, ("messaging.breaker.mode", "shadow")));
        Assert.Equal(1, measured.Sum("messaging.breaker.mode", First));
    }

    [Fact]
    public async Task Unknown_figures_of_parked_messages_have_no_series()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works, options => options.PartitionBy<Work>(_ => null));
        using var measured = Listen(pipeline);
        var partition = (Partition)pipeline.Breaker.Keys!;
        AssertParked(0, 0, 0);

        var parked = new ParkedMessages(partition.ParkedSizes, pipeline.Clock.GetUtcNow());
        partition.Get("acme").AddQueue(parked);
        AssertParked(null, null, null);

        pipeline.Clock.Advance(TimeSpan.FromMinutes(1));
        parked.Count(1_000, 0, 0, isEmpty: false, pipeline.Clock.GetUtcNow());
        AssertParked(1_000, null, 60);
        parked.See(200);
        AssertParked(1_000, 200_000, 60);
        parked.Count(0, 0, 0, isEmpty: true, pipeline.Clock.GetUtcNow());
        AssertParked(0, 0, 0);

        void AssertParked(double? messages, double? bytes, double? seconds)
        {
            Assert.Equal(messages, Read("messaging.breaker.keys.parked"));
            Assert.Equal(bytes, Read("messaging.breaker.keys.parked.size"));
            Assert.Equal(seconds, Read("messaging.breaker.keys.parked.age"));
        }

        double? Read(string name) => measured.Count(name, First) > 0 ? measured.Sum(name, First) : null;
    }

    [Fact]
    public async Task Keys_are_counted_and_never_a_label()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works, options => options.PartitionBy<Work>(_ => null));
        using var measured = Listen(pipeline);
        foreach (var number in Enumerable.Range(0, 200))
            _ = pipeline.Breaker.Keys![$"healthy customer {number}"].State;
        foreach (var number in Enumerable.Range(0, 100))
            pipeline.Breaker.Keys![$"customer {number}"].Trip("test");
        Assert.Equal(100, measured.Sum("messaging.breaker.keys", First, ("messaging.breaker.state", "open")));
        Assert.DoesNotContain(measured.All, measurement => measurement.Tags.Values.Any(value => $"{value}".Contains("customer", StringComparison.Ordinal)));
    }

    /// <summary>With a message's id or an exception's text as a label, every message would create a series.</summary>
    [Fact]
    public async Task No_label_has_as_many_values_as_there_are_messages()
    {
        string[] bounded =
        [
            "messaging.breaker.name", "messaging.destination.name", "messaging.breaker.state", "messaging.breaker.mode", "messaging.breaker.cause",
            "messaging.breaker.outcome", "messaging.breaker.verdict", "messaging.breaker.endpoint.state",
        ];
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Fails);
        using var measured = Listen(pipeline);
        await pipeline.SendAsync(0, 50);
        await pipeline.UntilAsync(BreakerState.Open);
        await pipeline.Bus.StopAsync(TestContext.Current.CancellationToken);
        Assert.All(measured.All.SelectMany(measurement => measurement.Tags.Keys), tag => Assert.Contains(tag, bounded));
    }

    /// <summary>Waits, because listeners hear of a state only after it has changed.</summary>
    static async Task UntilTransitionAsync(Measured measured, string cause) => await Eventually.Is(
        () => measured.Sum("messaging.breaker.transitions", First, ("messaging.breaker.state", "open"), ("messaging.breaker.cause", cause)),
        count => count == 1,
        $"a transition by {cause}");

    static Measured Listen(Pipeline pipeline) => new(pipeline.Services.GetRequiredService<IMeterFactory>());
}
