using System.Diagnostics.Metrics;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.IntegrationTests.Outages;

public class OutageTests(BrokerFixture broker)
{
    static readonly TimeSpan LongBreak = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_outage_dead_letters_nothing_loses_nothing_and_repeats_nothing(bool quorum)
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, quorum);
        await worker.SendAsync(0, 100);
        await worker.UntilHandledAsync(100);

        worker.Dependency.IsDown = true;
        await worker.SendAsync(100, 400);
        await worker.UntilReopenedAsync();
        worker.Dependency.IsDown = false;

        await worker.UntilHandledAsync(500);
        await worker.UntilAsync(BreakerState.Closed);
        Assert.Equal(0, worker.Dependency.Duplicates);
        Assert.InRange(worker.Dependency.CallsWhileDown, 10, 60);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_open_breaker_leaves_every_message_in_the_queue_and_the_bus_healthy(bool quorum)
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, quorum, LongBreak);
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 200);
        await worker.UntilAsync(BreakerState.Open);
        await worker.UntilPausedAsync(200);

        var calls = worker.Dependency.CallsWhileDown;
        await worker.SendAsync(200, 100);
        await worker.UntilPausedAsync(300);
        Assert.Equal(calls, worker.Dependency.CallsWhileDown);
        Assert.Equal(BusHealthStatus.Healthy, worker.Bus.CheckHealth().Status);

        worker.Dependency.IsDown = false;
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(300);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Half_open_is_limited_by_the_broker_and_a_close_gives_the_full_prefetch_back(bool quorum)
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, quorum, LongBreak);
        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(0);
        var stall = worker.Dependency.Stall();
        await worker.SendAsync(0, 50);
        await worker.UntilPausedAsync(50);

        worker.Breaker.Release("test");
        await Eventually.Is(
            () => broker.Node.GetQueueAsync(worker.Queue), queue => queue is { Unacknowledged: 3, Ready: 47 }, "three probes to be under way");
        Assert.Equal(3, Assert.Single(await broker.Node.GetConsumersAsync(worker.Queue)).Prefetch);

        stall.SetResult();
        await worker.UntilHandledAsync(50);
        await Eventually.Is(
            async () => (await broker.Node.GetConsumersAsync(worker.Queue)).SingleOrDefault()?.Prefetch, prefetch => prefetch == 16, "the full prefetch");
        Assert.Equal(BreakerState.Closed, worker.Breaker.State);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handler_that_hangs_does_not_hold_its_message_for_ever(bool quorum)
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, quorum, LongBreak, options => options.DrainTimeout = TimeSpan.FromMilliseconds(200));
        var stall = worker.Dependency.Stall();
        await worker.SendAsync(0, 5);
        await Eventually.Is(() => broker.Node.GetQueueAsync(worker.Queue), queue => queue is { Unacknowledged: 5 }, "the handlers to hang");
        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(5);
        stall.SetResult();
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(5);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task A_bus_that_is_stopped_while_half_open_starts_again_with_its_full_prefetch()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, breakDuration: LongBreak);
        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(0);
        worker.Breaker.Release("test");
        await Eventually.Is(
            async () => (await broker.Node.GetConsumersAsync(worker.Queue)).SingleOrDefault()?.Prefetch, prefetch => prefetch == 3, "a prefetch of three");
        await worker.Bus.StopAsync(TestContext.Current.CancellationToken);
        worker.Breaker.Reset("test");
        await worker.Bus.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.Is(
            async () => (await broker.Node.GetConsumersAsync(worker.Queue)).SingleOrDefault()?.Prefetch, prefetch => prefetch == 16, "the full prefetch");
    }

    [Fact]
    public async Task An_endpoint_runs_only_when_neither_an_operator_nor_a_breaker_holds_it()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node);
        worker.Breaker.Isolate("test");
        worker.Endpoints.Pause(worker.Queue, "test");
        await worker.SendAsync(0, 5);
        await worker.UntilPausedAsync(5);

        worker.Breaker.Reset("test");
        await worker.UntilPausedAsync(5);
        Assert.Equal(EndpointState.Paused, Assert.Single(worker.Endpoints.Endpoints).State);

        worker.Breaker.Isolate("test");
        worker.Endpoints.Resume(worker.Queue);
        await worker.UntilPausedAsync(5);

        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(5);
    }

    [Fact]
    public async Task A_consumer_is_guarded_by_its_attribute()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, endpoints: (test, context, rabbit) =>
            rabbit.ReceiveEndpoint(test.Queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.ConfigureConsumer<AttributedWorker>(context);
            }));
        worker.Breaker.Isolate("test");
        await worker.SendAsync(0, 5);
        await worker.UntilPausedAsync(5);
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(5);
    }

    [Fact]
    public async Task A_consumer_is_guarded_by_its_definition()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, endpoints: (_, context, rabbit) =>
            rabbit.ConfigureEndpoints(context, filter => filter.Include<DefinedWorker>()));
        worker.Breaker.Isolate("test");
        await Eventually.Is(() => Assert.Single(worker.Endpoints.Endpoints).State, state => state == EndpointState.Paused, "the endpoint to pause");
        Assert.Equal(["first"], Assert.Single(worker.Endpoints.Endpoints).Breakers);
    }

    [Fact]
    public async Task Endpoints_of_one_breaker_pause_together()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, endpoints: (test, context, rabbit) =>
        {
            test.AddQueue(context, rabbit);
            test.AddOtherQueue(context, rabbit, "first");
        });
        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(0);
        await Eventually.Is(() => broker.Node.GetQueueAsync(worker.OtherQueue), queue => queue is { Consumers: 0 }, "the other endpoint to pause");
        worker.Breaker.Reset("test");
        await worker.UntilConsumingAsync();
        await worker.UntilConsumingAsync(worker.OtherQueue);
    }

    [Fact]
    public async Task An_endpoint_of_another_breaker_flows_on()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, breakDuration: LongBreak, endpoints: (test, context, rabbit) =>
        {
            test.AddQueue(context, rabbit);
            test.AddOtherQueue(context, rabbit, "second");
        });
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 50);
        await worker.UntilAsync(BreakerState.Open);
        await worker.SendOtherAsync(0, 100);
        await Eventually.Is(() => worker.Dependencies.Second.Handled, handled => handled == 100, "the other messages to be handled");
        Assert.Equal(BreakerState.Closed, worker.Breakers["second"].State);
    }

    [Fact]
    public async Task An_endpoint_of_two_breakers_waits_for_both()
    {
        await using var worker = await TestWorker.StartAsync(
            broker.Node, endpoints: (test, context, rabbit) => test.AddQueue(context, rabbit, false, "first", "second"));
        worker.Breakers["first"].Isolate("test");
        worker.Breakers["second"].Isolate("test");
        await worker.SendAsync(0, 5);
        await worker.UntilPausedAsync(5);
        worker.Breakers["first"].Reset("test");
        await worker.UntilPausedAsync(5);
        worker.Breakers["second"].Reset("test");
        await worker.UntilHandledAsync(5);
    }

    [Fact]
    public async Task A_poison_message_ends_in_the_error_queue_while_others_are_handled()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, endpoints: (test, _, rabbit) =>
            rabbit.ReceiveEndpoint(test.Queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.UseBreaker("first");
                endpoint.Handler<Work>(message => message.Message.Number == 7
                    ? throw new InvalidDataException("poison")
                    : test.Dependency.CallAsync(message.Message.Number));
            }));
        await worker.SendAsync(0, 10);
        await worker.UntilHandledAsync(9);
        var sent = 10;
        // Each success after one of its failures speaks against it, and nobody knows how many are needed.
        await Eventually.Is(
            async () =>
            {
                await worker.SendAsync(sent++, 1);
                return await broker.Node.GetQueueAsync($"{worker.Queue}_error");
            },
            queue => queue is { Ready: 1 },
            "the poison message in _error");
        await worker.UntilHandledAsync(sent - 1);
        Assert.Equal(BreakerState.Closed, worker.Breaker.State);
    }

    [Theory]
    [InlineData(BreakerState.Closed)]
    [InlineData(BreakerState.Open)]
    [InlineData(BreakerState.HalfOpen)]
    [InlineData(BreakerState.Isolated)]
    public async Task Nothing_consumes_after_the_bus_was_stopped(BreakerState state)
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, breakDuration: TimeSpan.FromSeconds(1));
        if (state is BreakerState.Open or BreakerState.HalfOpen)
            worker.Breaker.Trip("test");
        if (state == BreakerState.Isolated)
            worker.Breaker.Isolate("test");
        await worker.UntilAsync(state);
        if (state == BreakerState.HalfOpen)
            await worker.UntilConsumingAsync();

        await worker.StopAsync();
        if (state == BreakerState.Open)
            await worker.UntilAsync(BreakerState.HalfOpen);
        worker.Breaker.Reset("would resume a paused endpoint");
        await worker.UntilPausedAsync(0);
        Assert.Equal(EndpointState.Stopped, Assert.Single(worker.Endpoints.Endpoints).State);
    }

    /// <summary>Left alone, each of these would wait for minutes.</summary>
    [Theory]
    [InlineData(BreakerState.Closed)]
    [InlineData(BreakerState.Open)]
    [InlineData(BreakerState.HalfOpen)]
    [InlineData(BreakerState.Isolated)]
    public async Task A_stop_waits_for_what_is_in_flight_and_for_nothing_else(BreakerState state)
    {
        await using var worker = await TestWorker.StartAsync(
            broker.Node, breakDuration: LongBreak, configure: options => options.RetestDelay = TimeSpan.FromMinutes(5));
        var stall = worker.Dependency.Stall();
        if (state == BreakerState.Closed)
            worker.Dependency.IsDown = true;
        else
            worker.Breaker.Isolate("test");
        if (state == BreakerState.HalfOpen)
            worker.Breaker.Release("test");
        if (state == BreakerState.Open)
        {
            worker.Breaker.Reset("test");
            worker.Breaker.Trip("test");
        }

        await worker.SendAsync(0, 5);
        var underWay = state switch { BreakerState.Closed => 5, BreakerState.HalfOpen => 3, _ => 0 };
        await Eventually.Is(() => broker.Node.GetQueueAsync(worker.Queue), queue => queue?.Unacknowledged == underWay, $"{underWay} messages under way");
        Assert.Equal(state, worker.Breaker.State);

        var stopped = worker.StopAsync();
        if (state == BreakerState.HalfOpen)
            Assert.False(stopped.IsCompleted);
        stall.SetResult();
        await stopped.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await worker.UntilPausedAsync(5 - worker.Dependency.Handled);
        Assert.Equal(state == BreakerState.HalfOpen ? 3 : 0, worker.Dependency.Handled);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task A_bus_that_starts_while_open_takes_one_message_at_most_before_it_is_paused()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, breakDuration: LongBreak);
        using var measured = new Measured(worker.Services.GetRequiredService<IMeterFactory>());
        worker.Breaker.Isolate("test");
        await worker.SendAsync(0, 40);
        await worker.UntilPausedAsync(40);
        var before = measured.Sum("messaging.breaker.returns");
        await worker.Bus.StopAsync(TestContext.Current.CancellationToken);
        await worker.Bus.StartAsync(TestContext.Current.CancellationToken);
        await UntilEndpointIsAsync(worker, EndpointState.Paused);
        await worker.UntilPausedAsync(40);
        Assert.InRange(measured.Sum("messaging.breaker.returns") - before, 0, 1);

        worker.Breaker.Release("test");
        await worker.UntilHandledAsync(40);
        await UntilEndpointIsAsync(worker, EndpointState.Running);
    }

    [Fact]
    public async Task A_stopped_bus_that_is_started_again_is_guarded_again()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, breakDuration: LongBreak);
        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(0);
        await worker.Bus.StopAsync(TestContext.Current.CancellationToken);
        await worker.Bus.StartAsync(TestContext.Current.CancellationToken);
        await worker.SendAsync(0, 5);
        await worker.UntilPausedAsync(5);
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(5);
    }

    [Fact]
    public async Task An_endpoint_connected_at_run_time_is_guarded_and_not_resumed_once_its_owner_has_removed_it()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, endpoints: (_, _, _) => { });
        var handle = worker.Bus.ConnectReceiveEndpoint(worker.Queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.UseBreaker("first");
            endpoint.Handler<Work>(message => worker.Dependency.CallAsync(message.Message.Number));
        });
        await handle.Ready;
        await worker.SendAsync(0, 5);
        await worker.UntilHandledAsync(5);

        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(0);
        await handle.StopAsync(TestContext.Current.CancellationToken);
        worker.Breaker.Reset("test");
        await Eventually.Is(
            () => Assert.Single(worker.Endpoints.Endpoints).State, state => state == EndpointState.Stopped, "the endpoint to count as stopped");
        await worker.UntilPausedAsync(0);
    }

    static Task<EndpointState> UntilEndpointIsAsync(TestWorker worker, EndpointState state) => Eventually.Is(
        () => worker.Endpoints.Endpoints.Single(endpoint => endpoint.Name == worker.Queue).State, found => found == state, $"the endpoint to be {state}");
}
