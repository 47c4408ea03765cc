using System.Collections.Concurrent;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.IntegrationTests.Outages;

/// <summary>An endpoint whose messages need one of two regions, on a real broker.</summary>
public class AnyBreakerTests(BrokerFixture broker)
{
    const int Prefetch = 16;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_failed_region_pauses_nothing_and_is_used_again_when_it_recovers(bool quorum)
    {
        await using var worker = await StartAsync(quorum);
        await worker.SendAsync(0, 100);
        await UntilHandledAsync(worker, 100);
        Assert.Equal((100, 0), (worker.Dependencies.First.Handled, worker.Dependencies.Second.Handled));

        using var watch = new StateWatch(worker);
        worker.Dependencies.First.IsDown = true;
        await worker.SendAsync(100, 400);
        await UntilHandledAsync(worker, 500);
        Assert.Equal((100, 400), (worker.Dependencies.First.Handled, worker.Dependencies.Second.Handled));

        // Probes are messages. Without messages, nothing probes.
        var number = 500;
        var reopened = worker.UntilReopenedAsync();
        while (!reopened.IsCompleted)
        {
            await worker.SendAsync(number++, 1);
            await Task.WhenAny(reopened, UntilHandledAsync(worker, number));
        }

        await reopened;
        await UntilHandledAsync(worker, number);
        Assert.InRange(worker.Dependencies.First.CallsWhileDown, 10, 60);
        Assert.Equal(100, worker.Dependencies.First.Handled);

        worker.Dependencies.First.IsDown = false;
        await Eventually.Is(
            async () =>
            {
                await worker.SendAsync(number++, 1);
                return worker.Breaker.State;
            },
            state => state == BreakerState.Closed,
            "the first region to be back");
        await UntilHandledAsync(worker, number);
        var served = worker.Dependencies.Second.Handled;
        await worker.SendAsync(number, 10);
        await UntilHandledAsync(worker, number + 10);
        Assert.InRange(worker.Dependencies.Second.Handled, served, served + 9);
        Assert.Equal([EndpointState.Running], watch.Seen);
        Assert.Equal(0, worker.Dependencies.First.Duplicates + worker.Dependencies.Second.Duplicates);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_both_regions_fail_the_endpoint_pauses_until_one_recovers(bool quorum)
    {
        await using var worker = await StartAsync(quorum);
        var (first, second) = (worker.Dependencies.First, worker.Dependencies.Second);
        first.IsDown = second.IsDown = true;
        await worker.SendAsync(0, 200);
        await Eventually.Is(
            () => worker.Breakers.Breakers.Take(2).All(breaker => breaker.State == BreakerState.Open), isOpen => isOpen, "both breakers to be open");
        await worker.UntilReopenedAsync();
        Assert.Equal(0, first.Handled + second.Handled);
        Assert.InRange(first.CallsWhileDown + second.CallsWhileDown, 20, 200);

        second.IsDown = false;
        await UntilHandledAsync(worker, 200);
        Assert.Equal((0, 200), (first.Handled, second.Handled));
        await Eventually.Is(() => worker.Endpoints.Endpoints[0].State, state => state == EndpointState.Running, "the endpoint to run");
        Assert.Equal(0, second.Duplicates);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task The_broker_sees_a_pause_only_when_no_breaker_is_closed()
    {
        await using var worker = await StartAsync(quorum: false, TimeSpan.FromMinutes(10));
        worker.Breaker.Isolate("test");
        await worker.SendAsync(0, 20);
        await UntilHandledAsync(worker, 20);
        await worker.UntilConsumingAsync();

        worker.Breakers["second"].Isolate("test");
        await worker.UntilPausedAsync(0);
        await worker.SendAsync(20, 20);
        await worker.UntilPausedAsync(20);
        Assert.Equal(EndpointState.Paused, worker.Endpoints.Endpoints[0].State);

        worker.Breaker.Release("test");
        await UntilHandledAsync(worker, 40);
        Assert.Equal(20, worker.Dependencies.First.Handled);
        await worker.AssertNothingDeadLetteredAsync();
    }

    Task<TestWorker> StartAsync(bool quorum, TimeSpan? breakDuration = null) => TestWorker.StartAsync(
        broker.Node,
        breakDuration: breakDuration,
        endpoints: (worker, context, rabbit) => rabbit.ReceiveEndpoint(worker.Queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.PrefetchCount = Prefetch;
            if (quorum)
                endpoint.SetQuorumQueue();
            endpoint.UseAnyBreaker("first", "second");
            endpoint.Consumer(() => new RegionWorker(context.GetRequiredService<Dependencies>(), context.GetRequiredService<IBreakerRegistry>()));
        }));

    static Task<int> UntilHandledAsync(TestWorker worker, int count) => Eventually.Is(
        () => worker.Dependencies.First.Handled + worker.Dependencies.Second.Handled, handled => handled == count, $"{count} messages to be handled");

    /// <summary>Records the endpoint's state all the time.</summary>
    sealed class StateWatch : IDisposable
    {
        readonly ConcurrentDictionary<EndpointState, bool> _seen = new();
        readonly Timer _timer;

        public StateWatch(TestWorker worker) => _timer = new Timer(
            _ => _seen.TryAdd(worker.Endpoints.Endpoints[0].State, true), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));

        public IEnumerable<EndpointState> Seen => _seen.Keys;

        public void Dispose() => _timer.Dispose();
    }
}

/// <summary>Calls the first of its two dependencies whose breaker is closed.</summary>
public sealed class RegionWorker(Dependencies dependencies, IBreakerRegistry breakers) : IConsumer<Work>
{
    public async Task Consume(ConsumeContext<Work> context) => await breakers.ExecuteAsync(
        ["first", "second"],
        async (breaker, cancellationToken) =>
        {
            var region = breaker.Name == "first" ? dependencies.First : dependencies.Second;
            await region.CallAsync(context.Message.Number, cancellationToken);
        },
        context.CancellationToken);
}
