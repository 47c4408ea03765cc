using System.Collections.Concurrent;
using MassTransit;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Gating;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Consuming;

/// <summary>An endpoint whose messages need one of two regions, "first" and "second".</summary>
public class AnyBreakerTests
{
    static readonly string[] Regions = ["first", "second"];

    readonly ConcurrentDictionary<string, bool> _down = new();
    readonly ConcurrentQueue<(string Region, int Number)> _calls = new();
    Pipeline? _pipeline;
    Task? _stall;
    int? _poison;

    [Fact]
    public async Task A_dead_region_costs_no_message_and_no_pause()
    {
        await using var pipeline = await StartAsync();
        await pipeline.SendAsync(0, 50);
        await pipeline.UntilHandledAsync(50);
        Assert.Equal(50, CallsOf("first"));

        _down["first"] = true;
        await pipeline.SendAsync(50, 200);
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 250, "all messages to be handled");
        Assert.Equal(BreakerState.Closed, pipeline.Breakers["second"].State);
        Assert.NotEqual(BreakerState.Closed, pipeline.Breaker.State);
        Assert.Equal(200, CallsOf("second"));
        Assert.InRange(CallsOf("first") - 50, 10, 60);
        Assert.Equal(EndpointState.Running, pipeline.Endpoints.Endpoints[0].State);
        Assert.Equal([Regions], pipeline.Endpoints.Endpoints[0].Alternatives);
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_few_messages_find_out_that_a_region_is_back_and_it_is_used_again()
    {
        await using var pipeline = await StartAsync();
        _down["first"] = true;
        await pipeline.SendAsync(0, 100);
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 100, "all messages to be handled");

        _down["first"] = false;
        var number = 100;
        await Eventually.Is(
            async () =>
            {
                pipeline.Clock.Advance(TimeSpan.FromSeconds(1));
                await pipeline.SendAsync(number++, 1);
                return pipeline.Breaker.State;
            },
            state => state == BreakerState.Closed,
            "the first region to be back");
        await pipeline.UntilHandledAsync(number);
        _calls.Clear();
        await pipeline.SendAsync(number, 3);
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == number + 3, "all messages to be handled");
        Assert.Equal((3, 0), (CallsOf("first"), CallsOf("second")));
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task While_the_first_region_ramps_up_messages_beyond_its_limit_go_to_the_second()
    {
        await using var pipeline = await StartAsync();
        pipeline.Breaker.Isolate("test");
        pipeline.Breaker.Release("test");
        await pipeline.SendAsync(0, 3);
        await pipeline.UntilHandledAsync(3);
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);
        _calls.Clear();

        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _stall = go.Task;
        await pipeline.SendAsync(3, 10);
        await Eventually.Is(() => _calls.Count, calls => calls == 10, "all messages to be under way");
        Assert.Equal((3, 7), (CallsOf("first"), CallsOf("second")));
        go.SetResult();
        await pipeline.UntilHandledAsync(13);
    }

    [Fact]
    public async Task When_none_is_left_the_endpoint_pauses_and_says_so()
    {
        await using var pipeline = await StartAsync();
        _down["first"] = _down["second"] = true;
        await pipeline.SendAsync(0, 60);
        await pipeline.PassTimeUntilAsync(() => pipeline.Endpoints.Endpoints[0].State == EndpointState.Paused, "the endpoint to pause", TimeSpan.FromMilliseconds(50));
        var gate = pipeline.Services.GetRequiredService<Messaging.Breaker.Gating.EndpointRegistry>().Gates()[0];
        if (gate.Desired.IsPaused)
            Assert.Equal("none of 'first', 'second' is closed", gate.Desired.Reason);

        _down["first"] = _down["second"] = false;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 60, "all messages to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task An_endpoint_is_held_up_by_its_alternatives_only_when_all_are_down()
    {
        await using var pipeline = await StartAsync();
        pipeline.Breaker.Isolate("test");
        Assert.Empty(pipeline.Endpoints.Endpoints[0].FindAway(pipeline.Breakers));
        pipeline.Breakers["second"].Isolate("test");
        Assert.Equal(Regions, pipeline.Endpoints.Endpoints[0].FindAway(pipeline.Breakers).Select(breaker => breaker.Name));
    }

    [Fact]
    public async Task A_batch_calls_one_of_them_as_a_message_does()
    {
        await using var pipeline = _pipeline = await Pipeline.StartAsync(
            CallAsync,
            guard: endpoint => endpoint.UseAnyBreaker(Regions),
            consume: (running, _, endpoint) => endpoint.Consumer(
                () => new BatchConsumer(running),
                consumer => consumer.Options<BatchOptions>(batch => batch.SetMessageLimit(4).SetTimeLimit(TimeSpan.FromMilliseconds(50)))));
        _down["first"] = true;
        await pipeline.SendAsync(0, 64);
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 64, "all messages to be handled");
        Assert.Equal(BreakerState.Closed, pipeline.Breakers["second"].State);
        Assert.NotEqual(BreakerState.Closed, pipeline.Breaker.State);
        Assert.Equal(EndpointState.Running, pipeline.Endpoints.Endpoints[0].State);
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_message_at_fault_is_found_out_whichever_region_it_meets()
    {
        await using var pipeline = await StartAsync(poison: 7);
        _down["first"] = true;
        await pipeline.SendAsync(0, 60);
        var number = 60;
        await Eventually.Is(
            async () =>
            {
                pipeline.Clock.Advance(TimeSpan.FromMilliseconds(250));
                await pipeline.SendAsync(number++, 1);
                return pipeline.DeadLettered.Count;
            },
            count => count == 1,
            "the message at fault to be dead-lettered");
        Assert.Equal([7], pipeline.DeadLettered);
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == number - 1, "the others to be handled");
        Assert.Equal([7], pipeline.DeadLettered);
    }

    [Fact]
    public async Task A_handler_that_does_not_choose_a_region_is_not_run_thousands_of_times()
    {
        await using var pipeline = await StartAsync(asks: false);
        pipeline.Breaker.Isolate("test");
        await pipeline.SendAsync(0, 1);
        await pipeline.UntilCalledAsync(2);
        for (var i = 0; i < 20; i++)
        {
            pipeline.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.InRange(pipeline.Calls.Count, 2, 8);
        pipeline.Breaker.Reset("test");
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 1, "the message to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_call_over_both_is_made_once_and_by_the_first_that_admits_it()
    {
        await using var pipeline = await StartAsync();
        var breakers = pipeline.Breakers;
        var token = TestContext.Current.CancellationToken;
        Assert.Equal("first", await breakers.ExecuteAsync(Regions, (breaker, _) => ValueTask.FromResult(breaker.Name), token));
        breakers["first"].Isolate("test");
        Assert.Equal("second", await breakers.ExecuteAsync(Regions, (breaker, _) => ValueTask.FromResult(breaker.Name), token));

        var calls = 0;
        await Assert.ThrowsAsync<IOException>(async () => await breakers.ExecuteAsync(
            Regions,
            (_, _) =>
            {
                calls++;
                throw new IOException();
            },
            token));
        Assert.Equal(1, calls);
        Assert.Equal(1, breakers["second"].GetSnapshot().FailedCalls);

        breakers["second"].Isolate("test");
        Assert.Equal("first", (await Assert.ThrowsAsync<BreakerOpenException>(async () => await breakers.ExecuteAsync(Regions, (_, _) => default, token))).Breaker);
        breakers["first"].Release("test");
        var registry = pipeline.Services.GetRequiredService<BreakerRegistry>();
        Assert.All(Enumerable.Range(0, 3), _ => Assert.True(registry.Get("first").TryAcquire().IsProbe));
        await Assert.ThrowsAsync<BreakerOpenException>(async () => await breakers.ExecuteAsync(Regions, (_, _) => default, token));

        Assert.Throws<ArgumentException>(() => breakers.FirstClosed());
        Assert.Contains("'third'", Assert.Throws<KeyNotFoundException>(() => breakers.FirstClosed("first", "third")).Message, StringComparison.Ordinal);
    }

    int CallsOf(string region) => _calls.Count(call => call.Region == region);

    async Task<Pipeline> StartAsync(int? poison = null, bool asks = true)
    {
        _poison = poison;
        _pipeline = await Pipeline.StartAsync(
            async (work, token) =>
            {
                if (!asks)
                {
                    await _pipeline!.Breaker.ExecuteAsync(_ => ValueTask.CompletedTask, token);
                    return;
                }

                await CallAsync(work, token);
            },
            guard: endpoint => endpoint.UseAnyBreaker(Regions));
        return _pipeline;
    }

    async Task CallAsync(Work work, CancellationToken cancellationToken) => await _pipeline!.Breakers.ExecuteAsync(
        Regions,
        async (region, _) =>
        {
            _calls.Enqueue((region.Name, work.Number));
            if (_stall is not null)
                await _stall;
            if (_down.GetValueOrDefault(region.Name) || work.Number == _poison)
                throw new IOException($"{region.Name} failed.");
        },
        cancellationToken);

    sealed class BatchConsumer(Pipeline pipeline) : IConsumer<Batch<Work>>
    {
        public async Task Consume(ConsumeContext<Batch<Work>> context)
        {
            foreach (var message in context.Message)
                await pipeline.HandleAsync(message.Message, context.CancellationToken);
        }
    }
}
