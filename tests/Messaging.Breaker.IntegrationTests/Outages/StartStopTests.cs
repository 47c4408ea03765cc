using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using MassTransit;
using Messaging.Breaker.Gating;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Telemetry;
using Messaging.Breaker.QueueDepth;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.IntegrationTests.Outages;

/// <summary>Buses and endpoints that their owner starts and stops, regardless of their breakers.</summary>
public class StartStopTests(BrokerFixture broker)
{
    static readonly TimeSpan LongBreak = TimeSpan.FromMinutes(10);

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

    /// <summary>Without the stop, each of these states would last for minutes.</summary>
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
        {
            await Eventually.Is(() => broker.Node.GetQueueAsync(worker.Queue), queue => queue?.Consumers == 0, "the consumer to be cancelled");
            Assert.False(stopped.IsCompleted);
        }

        stall.SetResult();
        await stopped.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await worker.UntilPausedAsync(5 - worker.Dependency.Handled);
        Assert.Equal(state == BreakerState.HalfOpen ? 3 : 0, worker.Dependency.Handled);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_what_failed_before_the_endpoint_was_ready()
    {
        var fleet = new Fleet($"test-{Guid.NewGuid():N}", new Dependencies(), _ => { });
        await using (var earlier = await TestWorker.StartAsync(broker.Node, fleet: fleet))
        {
            earlier.Breaker.Isolate("test");
            await earlier.SendAsync(0, 5);
            await earlier.UntilPausedAsync(5);
        }

        fleet.Dependencies.First.IsDown = true;
        await using var worker = await TestWorker.StartAsync(broker.Node, fleet: fleet, configure: options => options.RetestDelay = TimeSpan.FromMinutes(5));
        await Eventually.Is(() => worker.Dependency.CallsWhileDown, calls => calls == 5, "all messages to fail");
        await worker.StopAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await worker.UntilPausedAsync(5);
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
    public async Task Messages_that_failed_before_a_restarted_endpoint_was_ready_are_handled_in_the_end()
    {
        await using var worker = await TestWorker.StartAsync(
            broker.Node, configure: options => options.RetestDelay = TimeSpan.FromMilliseconds(20));
        worker.Breaker.Isolate("test");
        await worker.SendAsync(0, 5);
        await worker.UntilPausedAsync(5);
        worker.Dependency.IsDown = true;
        await worker.Bus.StopAsync(TestContext.Current.CancellationToken);
        worker.Breaker.Reset("test");
        await worker.Bus.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.Is(() => worker.Dependency.CallsWhileDown, calls => calls >= 5, "all messages to fail");
        worker.Dependency.IsDown = false;
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
            async () => (await broker.Node.GetConsumersAsync(worker.Queue)).SingleOrDefault()?.Prefetch, prefetch => prefetch == 3, "the prefetch to be three");
        await worker.Bus.StopAsync(TestContext.Current.CancellationToken);
        worker.Breaker.Reset("test");
        await worker.Bus.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.Is(
            async () => (await broker.Node.GetConsumersAsync(worker.Queue)).SingleOrDefault()?.Prefetch, prefetch => prefetch == 16, "the full prefetch to be restored");
    }

    [Fact]
    public async Task An_endpoint_connected_at_run_time_is_guarded_and_not_resumed_once_its_owner_has_removed_it()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, endpoints: (_, _, _) => { });
        var handle = Connect(worker);
        await handle.Ready;
        await worker.SendAsync(0, 5);
        await worker.UntilHandledAsync(5);

        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(0);
        await handle.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(worker.Endpoints.Endpoints);
        Assert.DoesNotContain(worker.Breakers.Breakers, breaker => breaker.Name.StartsWith("endpoint.", StringComparison.Ordinal));
        worker.Breaker.Reset("test");
        await worker.UntilPausedAsync(0);

        await Connect(worker).Ready;
        await worker.SendAsync(5, 5);
        await worker.UntilHandledAsync(10);
        Assert.Equal(EndpointState.Running, Assert.Single(worker.Endpoints.Endpoints).State);
    }

    [Fact]
    public async Task An_endpoint_is_still_paused_and_resumed_after_a_refused_second_connection()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, breakDuration: LongBreak);
        await worker.UntilConsumingAsync();
        var refused = Assert.Throws<ConfigurationException>(() => Connect(worker));
        Assert.Contains("is an endpoint of this bus already", refused.Message, StringComparison.Ordinal);

        worker.Breaker.Isolate("test");
        await worker.SendAsync(0, 5);
        await worker.UntilPausedAsync(5);
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(5);
        Assert.Equal(EndpointState.Running, Assert.Single(worker.Endpoints.Endpoints).State);
    }

    [Fact]
    public async Task An_endpoint_that_is_connected_while_the_bus_is_stopped_is_guarded()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, breakDuration: LongBreak, endpoints: (_, _, _) => { });
        await worker.Bus.StopAsync(TestContext.Current.CancellationToken);
        var connected = Connect(worker);
        await worker.Bus.StartAsync(TestContext.Current.CancellationToken);
        await connected.Ready;
        worker.Breaker.Isolate("test");
        await worker.SendAsync(0, 5);
        await worker.UntilPausedAsync(5);
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(5);
    }

    [Fact]
    public async Task An_endpoint_that_replaces_a_held_one_is_held_and_the_removed_one_does_not_come_back()
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, endpoints: (_, _, _) => { });
        var removed = Connect(worker, _ => throw new InvalidOperationException("The removed endpoint came back."));
        await removed.Ready;
        worker.Endpoints.Pause(worker.Queue, "test", TimeSpan.FromSeconds(3));
        await worker.SendAsync(0, 5);
        await worker.UntilPausedAsync(5);
        await removed.StopAsync(TestContext.Current.CancellationToken);
        Assert.Empty(worker.Endpoints.Endpoints);

        await Connect(worker).Ready;
        await UntilEndpointIsAsync(worker, EndpointState.Paused);
        Assert.Equal("test", Assert.Single(worker.Endpoints.Endpoints).Hold?.Reason);
        await worker.UntilHandledAsync(5);
        await worker.UntilConsumingAsync();
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task Removed_endpoints_are_forgotten_but_stopped_ones_are_kept()
    {
        await using var worker = await TestWorker.StartAsync(
            broker.Node, endpoints: (_, _, _) => { }, services: services => services.AddMessagingBreaker(breakers => breakers.WatchQueues()));
        var gates = worker.Services.GetRequiredService<EndpointRegistry>();
        var watched = worker.Services.GetRequiredService<WatchedQueues>();
        var kept = Connect(worker);
        await kept.Ready;
        var removed = new List<WeakReference>();
        for (var round = 0; round < 20; round++)
            removed.Add(await ConnectAndRemoveAsync(worker, gates, isPaused: round % 2 == 0));
        worker.Breaker.Reset("test");
        await UntilEndpointIsAsync(worker, EndpointState.Running);
        Assert.Single(gates.Gates());
        Assert.False(watched.Knows(worker.OtherQueue));
        Assert.True(watched.Knows(worker.Queue));
        await Eventually.Is(() => CountAlive(removed), alive => alive == 0, "the own breakers of removed endpoints to be collected");

        await kept.ReceiveEndpoint.Stop(TestContext.Current.CancellationToken);
        await UntilEndpointIsAsync(worker, EndpointState.Stopped);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static async Task<WeakReference> ConnectAndRemoveAsync(TestWorker worker, EndpointRegistry gates, bool isPaused)
    {
        worker.Breaker.Reset("test");
        var handle = worker.Bus.ConnectReceiveEndpoint(worker.OtherQueue, endpoint =>
        {
            endpoint.UseBreaker("first");
            endpoint.Handler<OtherWork>(_ => Task.CompletedTask);
        });
        await handle.Ready;
        if (isPaused)
        {
            worker.Breaker.Isolate("test");
            await Eventually.Is(
                () => worker.Endpoints.Endpoints.All(endpoint => endpoint.State == EndpointState.Paused), paused => paused, "both endpoints to be paused");
        }

        var gate = gates.Gates().Single(gate => gate.Name == worker.OtherQueue);
        var own = worker.Breakers[$"endpoint.{worker.OtherQueue}"];
        await handle.StopAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(gate, gates.Gates());
        return new WeakReference(own);
    }

    static int CountAlive(List<WeakReference> references)
    {
        GC.Collect();
        return references.Count(reference => reference.IsAlive);
    }

    static HostReceiveEndpointHandle Connect(TestWorker worker, MessageHandler<Work>? handle = null) =>
        worker.Bus.ConnectReceiveEndpoint(worker.Queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.UseBreaker("first");
            endpoint.Handler(handle ?? (message => worker.Dependency.CallAsync(message.Message.Number)));
        });

    static Task<EndpointState> UntilEndpointIsAsync(TestWorker worker, EndpointState state) => Eventually.Is(
        () => worker.Endpoints.Endpoints.Single(endpoint => endpoint.Name == worker.Queue).State, found => found == state, $"the endpoint to be {state}");
}
