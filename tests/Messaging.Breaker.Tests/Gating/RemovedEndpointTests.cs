using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using MassTransit;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Tests.Consuming;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.Tests.Gating;

/// <summary>Runs alone, because it measures memory.</summary>
[CollectionDefinition(nameof(RemovedEndpointTests), DisableParallelization = true)]
[Collection(nameof(RemovedEndpointTests))]
public class RemovedEndpointTests
{
    [Fact]
    public async Task Nothing_remains_of_removed_endpoints()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        var gates = pipeline.Services.GetRequiredService<EndpointRegistry>();
        var kept = gates.Gates();
        var breakers = pipeline.Breakers.Breakers;
        List<WeakReference> removed = [];
        for (var round = 0; round < 200; round++)
            removed.Add(await ConnectAndRemoveAsync(pipeline, $"connected-{round}"));
        Assert.Equal(kept, gates.Gates());
        Assert.Equal(breakers, pipeline.Breakers.Breakers);
        Assert.Equal(Pipeline.Queue, Assert.Single(MeasuredEndpoints()));
        await Eventually.Is(
            () =>
            {
                GC.Collect();
                return removed.Count(reference => reference.IsAlive);
            },
            alive => alive == 0,
            "the own breakers of removed endpoints to be collected");
    }

    /// <summary>
    /// MassTransit keeps the configuration of each endpoint that was ever connected, guarded or not. The library adds little to that.
    /// </summary>
    [Fact]
    public async Task A_removed_endpoint_holds_little_more_memory_than_one_that_was_never_guarded()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        // Other memory of the process comes and goes; what the library keeps is there each time.
        List<long> more = [];
        do
        {
            var unguarded = await MeasureAsync(round => ConnectAndRemoveAsync(pipeline.Bus.ConnectReceiveEndpoint(
                $"unguarded-{more.Count}-{round}", endpoint => endpoint.Handler<Work>(_ => Task.CompletedTask))));
            var guarded = await MeasureAsync(round => ConnectAndRemoveAsync(Connect(pipeline, $"guarded-{more.Count}-{round}")));
            more.Add(guarded - unguarded);
        }
        while (more[^1] is < -20_000 or > 6_000 && more.Count < 3);
        Assert.InRange(more[^1], -20_000, 6_000);

        static async Task ConnectAndRemoveAsync(HostReceiveEndpointHandle handle)
        {
            await handle.Ready;
            await handle.StopAsync(TestContext.Current.CancellationToken);
        }

        static async Task<long> MeasureAsync(Func<int, Task> connectAndRemove)
        {
            for (var round = 0; round < 20; round++)
                await connectAndRemove(round);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var round = 20; round < 220; round++)
                await connectAndRemove(round);
            return (GC.GetTotalMemory(forceFullCollection: true) - before) / 200;
        }
    }

    [Fact]
    public async Task An_endpoint_that_is_connected_again_is_guarded_like_a_new_one()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        await ConnectAndRemoveAsync(pipeline, "again");
        var own = pipeline.Breakers.Breakers.Select(breaker => breaker.Name).ToList();
        var handle = Connect(pipeline, "again");
        await handle.Ready;
        Assert.Equal([.. own, "endpoint.again"], pipeline.Breakers.Breakers.Select(breaker => breaker.Name));
        Assert.Equal(EndpointState.Running, pipeline.Endpoints.Endpoints.Single(endpoint => endpoint.Name == "again").State);

        pipeline.Breaker.Isolate("test");
        Assert.All(pipeline.Endpoints.Endpoints, endpoint => Assert.Equal(EndpointState.Paused, endpoint.State));
        await handle.StopAsync(TestContext.Current.CancellationToken);
        // The breaker still holds the other endpoint.
        Assert.Equal(EndpointState.Paused, Assert.Single(pipeline.Endpoints.Endpoints).State);
    }

    [Fact]
    public async Task A_removed_endpoints_own_breaker_closes_first_so_that_nobody_waits_for_it()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        var handle = Connect(pipeline, "failing");
        await handle.Ready;
        var transitions = new List<Transition>();
        pipeline.Services.GetRequiredService<BreakerRegistry>().Listen(transitions.Add);
        pipeline.Breakers["endpoint.failing"].Trip("test");
        await handle.StopAsync(TestContext.Current.CancellationToken);
        Assert.False(pipeline.Breakers.TryGet("endpoint.failing", out _));
        Assert.Equal([BreakerState.Open, BreakerState.Closed], transitions.Select(transition => transition.To));
        Assert.Equal("its endpoint was removed", transitions[^1].Reason);
    }

    [Fact]
    public async Task Endpoints_of_one_name_on_two_buses_keep_their_breaker_until_both_are_removed()
    {
        var services = new ServiceCollection().AddMessagingBreaker(breakers => breakers.Add("first"));
        services.AddMassTransit<IFirstBus>(bus => bus.UsingInMemory(new Uri("loopback://one/"), (context, memory) => memory.UseMessagingBreaker(context)));
        services.AddMassTransit<ISecondBus>(bus => bus.UsingInMemory(new Uri("loopback://two/"), (context, memory) => memory.UseMessagingBreaker(context)));
        await using var provider = services.BuildServiceProvider();
        IBusControl[] buses = [(IBusControl)provider.GetRequiredService<IFirstBus>(), (IBusControl)provider.GetRequiredService<ISecondBus>()];
        var breakers = provider.GetRequiredService<IBreakerRegistry>();
        var handles = new List<HostReceiveEndpointHandle>();
        foreach (var bus in buses)
        {
            await bus.StartAsync(TestContext.Current.CancellationToken);
            handles.Add(Connect(bus, "same"));
            await handles[^1].Ready;
        }

        var own = breakers["endpoint.same"];
        own.Isolate("test");
        await handles[0].StopAsync(TestContext.Current.CancellationToken);
        Assert.Same(own, breakers["endpoint.same"]);
        Assert.Equal(EndpointState.Paused, Assert.Single(provider.GetRequiredService<IEndpointRegistry>().Endpoints).State);
        await handles[1].StopAsync(TestContext.Current.CancellationToken);
        Assert.False(breakers.TryGet("endpoint.same", out _));
        foreach (var bus in buses)
            await bus.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_hold_applies_to_the_next_endpoint_of_that_name_unless_it_is_released()
    {
        await using var pipeline = await Pipeline.StartAsync(Pipeline.Works);
        var handle = Connect(pipeline, "held");
        await handle.Ready;
        pipeline.Endpoints.Pause("held", "migrating");
        await handle.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Pipeline.Queue, Assert.Single(pipeline.Endpoints.Endpoints).Name);

        handle = Connect(pipeline, "held");
        await handle.Ready;
        Assert.Equal("migrating", pipeline.Endpoints.Endpoints.Single(endpoint => endpoint.Name == "held").Hold?.Reason);
        await handle.StopAsync(TestContext.Current.CancellationToken);
        pipeline.Endpoints.Resume("held");
        Assert.Throws<KeyNotFoundException>(() => pipeline.Endpoints.Resume("held"));
        await Connect(pipeline, "held").Ready;
        Assert.Null(pipeline.Endpoints.Endpoints.Single(endpoint => endpoint.Name == "held").Hold);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    static async Task<WeakReference> ConnectAndRemoveAsync(Pipeline pipeline, string queue)
    {
        var handle = Connect(pipeline, queue);
        await handle.Ready;
        var own = pipeline.Breakers[$"endpoint.{queue}"];
        await handle.StopAsync(TestContext.Current.CancellationToken);
        return new WeakReference(own);
    }

    static HostReceiveEndpointHandle Connect(Pipeline pipeline, string queue) => Connect(pipeline.Bus, queue);

    static HostReceiveEndpointHandle Connect(IBusControl bus, string queue) => bus.ConnectReceiveEndpoint(queue, endpoint =>
    {
        endpoint.UseBreaker("first");
        endpoint.Handler<Work>(_ => Task.CompletedTask);
    });

    /// <summary>The endpoints of this test that are measured, among the instruments of all pipelines.</summary>
    static HashSet<string> MeasuredEndpoints()
    {
        HashSet<string> endpoints = [];
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "messaging.breaker.endpoint.state")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<int>((_, _, tags, _) =>
        {
            foreach (var (name, value) in tags)
                if (name == Tags.Endpoint && value is string endpoint && (endpoint == Pipeline.Queue || endpoint.StartsWith("connected-", StringComparison.Ordinal)))
                    endpoints.Add(endpoint);
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return endpoints;
    }

    public interface IFirstBus : IBus;

    public interface ISecondBus : IBus;
}
