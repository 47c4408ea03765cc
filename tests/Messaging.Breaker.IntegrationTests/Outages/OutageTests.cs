using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;

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

    [Fact]
    public async Task A_dependency_that_reports_its_recovery_ends_the_break_early()
    {
        TestWorker? asked = null;
        await using var worker = asked = await TestWorker.StartAsync(
            broker.Node, breakDuration: LongBreak, configure: options => options.ProbeWith((_, _) => Task.FromResult(asked is { Dependency.IsDown: false })));
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 200);
        await worker.UntilAsync(BreakerState.Open);
        await worker.UntilPausedAsync(200);

        worker.Dependency.IsDown = false;
        await worker.UntilHandledAsync(200);
        await worker.UntilAsync(BreakerState.Closed);
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
            () => broker.Node.GetQueueAsync(worker.Queue), queue => queue is { Unacknowledged: 3, Ready: 47 }, "three probes to be running");
        Assert.Equal(3, Assert.Single(await broker.Node.GetConsumersAsync(worker.Queue)).Prefetch);

        stall.SetResult();
        await worker.UntilHandledAsync(50);
        await Eventually.Is(
            async () => (await broker.Node.GetConsumersAsync(worker.Queue)).SingleOrDefault()?.Prefetch, prefetch => prefetch == 16, "the full prefetch to be restored");
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
    public async Task An_endpoint_resumes_even_if_a_callback_of_an_abandoned_handler_throws()
    {
        await using var worker = await TestWorker.StartAsync(
            broker.Node,
            breakDuration: LongBreak,
            configure: options => options.DrainTimeout = TimeSpan.FromMilliseconds(200),
            endpoints: (test, _, rabbit) => rabbit.ReceiveEndpoint(test.Queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.UseBreaker("first");
                endpoint.Handler<Work>(async message =>
                {
                    var call = test.Dependency.CallAsync(message.Message.Number, message.CancellationToken);
                    // Runs before the callback that the call registered itself, which ends the handler.
                    await using var callback = message.CancellationToken.Register(() => throw new InvalidDataException("the handler's own"));
                    await call;
                });
            }));
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
        Assert.Equal(["first", "endpoint.DefinedWorker"], Assert.Single(worker.Endpoints.Endpoints).Breakers);
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
    public async Task An_endpoint_of_another_breaker_keeps_running()
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
        // Each success after one of its failures is evidence against it. How many are needed is not known in advance.
        await Eventually.Is(
            async () =>
            {
                await worker.SendAsync(sent++, 1);
                return await broker.Node.GetQueueAsync($"{worker.Queue}_error");
            },
            queue => queue is { Ready: 1 },
            "the poison message to be in _error");
        await worker.UntilHandledAsync(sent - 1);
        Assert.Equal(BreakerState.Closed, worker.Breaker.State);
    }
}
