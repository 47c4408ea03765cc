using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Transports;

/// <summary>
/// The contract of every transport, whether it returns messages or holds them. <c>IEndpointTransport</c> describes it. The tests of a new
/// adapter derive from this class, or from <see cref="DurableTransportContract"/> if its messages outlive the process.
/// </summary>
public abstract class TransportContract
{
    const int Probes = 3;

    protected static readonly string[] DeadLetterSuffixes = ["_error", "_skipped"];

    static readonly TimeSpan LongBreak = TimeSpan.FromMinutes(10);

    /// <summary>Whether messages that wait in a queue are still there after their bus was stopped and restarted.</summary>
    protected abstract bool KeepsMessagesOfAStoppedBus { get; }

    /// <summary>Whether messages keep their places through any number of returns, and not only in one pause.</summary>
    protected virtual bool KeepsOrderThroughRounds => true;

    [Fact]
    public async Task A_message_survives_more_returns_than_its_delivery_limit_allows()
    {
        await using var worker = await StartAsync(new ContractEndpoint(
            DeliveryLimit: 3, Breaker: options => options.BreakDuration = options.MaxBreakDuration = TimeSpan.FromMilliseconds(100)));
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 40);
        await worker.UntilReopenedAsync(8);
        worker.Dependency.IsDown = false;
        await worker.UntilHandledAsync(40);
        Assert.Equal(0, worker.Dependency.Duplicates);
        Assert.Equal(0, await CountDeadLetteredAsync(worker));
    }

    [Fact]
    public async Task A_pause_leaves_nothing_locked_and_nothing_is_handled()
    {
        await using var worker = await StartAsync(new ContractEndpoint(Breaker: WithALongBreak));
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 60);
        await worker.UntilAsync(BreakerState.Open);
        await UntilPausedAsync(worker, 60);
        var calls = worker.Dependency.CallsWhileDown;
        await worker.SendAsync(60, 20);
        await UntilPausedAsync(worker, 80);
        Assert.Equal(calls, worker.Dependency.CallsWhileDown);
        Assert.Equal(BusHealthStatus.Healthy, worker.Bus.CheckHealth().Status);

        worker.Dependency.IsDown = false;
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(80);
        Assert.Equal(0, worker.Dependency.Duplicates);
        Assert.Equal(0, await CountDeadLetteredAsync(worker));
    }

    [Fact]
    public async Task Half_open_is_limited_to_the_probes()
    {
        await using var worker = await StartAsync(new ContractEndpoint(Breaker: WithALongBreak));
        worker.Breaker.Isolate("test");
        await UntilPausedAsync(worker, 0);
        var stall = worker.Dependency.Stall();
        await worker.SendAsync(0, 50);
        await UntilPausedAsync(worker, 50);

        worker.Breaker.Release("test");
        await Eventually.Is(() => worker.Dependency.Stalled, stalled => stalled == Probes, "as many handlers as probes to run at once");
        await UntilProbingAsync(worker, Probes, 50 - Probes);
        Assert.Equal(Probes, worker.Dependency.Stalled);

        stall.SetResult();
        await worker.UntilHandledAsync(50);
        await worker.UntilAsync(BreakerState.Closed);
        Assert.Equal(0, worker.Dependency.Duplicates);
    }

    [Fact]
    public async Task A_returned_message_keeps_its_place()
    {
        await using var worker = await StartAsync(new ContractEndpoint(Concurrency: 1, Breaker: options => options.DrainTimeout = TimeSpan.FromMilliseconds(200)));
        var stall = worker.Dependency.Stall();
        await worker.SendAsync(0, 30);
        await Eventually.Is(() => worker.Dependency.Stalled, stalled => stalled == 1, "one message to be in its handler and others to be prefetched");
        worker.Breaker.Isolate("test");
        await UntilPausedAsync(worker, 30);

        stall.SetResult();
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(30);
        Assert.Equal(Enumerable.Range(0, 30), worker.Dependency.Order);
        Assert.Equal(0, await CountDeadLetteredAsync(worker));
    }

    [Fact]
    public async Task A_message_returned_round_after_round_keeps_its_place_if_the_queue_allows_it()
    {
        await using var worker = await StartAsync(new ContractEndpoint(Concurrency: 1, Breaker: options => options.KeepOrder = true));
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 30);
        await worker.UntilReopenedAsync(2);
        worker.Dependency.IsDown = false;
        await worker.UntilHandledAsync(30);
        Assert.Equal(0, worker.Dependency.Duplicates);
        if (KeepsOrderThroughRounds)
            Assert.Equal(Enumerable.Range(0, 30), worker.Dependency.Order);
        Assert.Equal(0, await CountDeadLetteredAsync(worker));
    }

    [Fact]
    public async Task A_stop_while_messages_are_in_flight_loses_none()
    {
        await using var worker = await StartAsync(new ContractEndpoint(Concurrency: 4));
        var stall = worker.Dependency.Stall();
        await worker.SendAsync(0, 40);
        await Eventually.Is(() => worker.Dependency.Stalled, stalled => stalled == 4, "messages to be in flight");
        var stopping = worker.Bus.StopAsync(TestContext.Current.CancellationToken);
        await Eventually.Is(() => worker.State, state => state == EndpointState.Stopped, "the endpoint to begin to stop");
        stall.SetResult();
        await stopping;
        Assert.InRange(worker.Dependency.Handled, 4, 40);

        await worker.Bus.StartAsync(TestContext.Current.CancellationToken);
        if (KeepsMessagesOfAStoppedBus)
            await worker.UntilHandledAsync(40);
        Assert.Equal(0, worker.Dependency.Duplicates);
        Assert.Equal(0, await CountDeadLetteredAsync(worker));
    }

    [Fact]
    public async Task A_stop_while_the_breaker_is_open_ends_and_loses_none()
    {
        await using var worker = await StartAsync(new ContractEndpoint(Breaker: WithALongBreak));
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 40);
        await worker.UntilAsync(BreakerState.Open);
        await worker.Bus.StopAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Equal(0, worker.Dependency.Handled);

        worker.Dependency.IsDown = false;
        worker.Breaker.Reset("test");
        await worker.Bus.StartAsync(TestContext.Current.CancellationToken);
        if (KeepsMessagesOfAStoppedBus)
            await worker.UntilHandledAsync(40);
        Assert.Equal(0, worker.Dependency.Duplicates);
        Assert.Equal(0, await CountDeadLetteredAsync(worker));
    }

    protected Task<ContractWorker> StartAsync(ContractEndpoint endpoint, string? queue = null) =>
        ContractWorker.StartAsync(queue ??= $"test-{Guid.NewGuid():N}", endpoint, bus => Use(bus, queue, endpoint));

    /// <summary>Puts the bus on the transport, with breakers and one endpoint. Uses <see cref="ContractWorker.Configure"/>.</summary>
    protected abstract void Use(IBusRegistrationConfigurator bus, string queue, ContractEndpoint endpoint);

    /// <summary>
    /// Waits until the transport itself reports that many waiting messages and no locked ones. Where messages are held, waits until the
    /// endpoint reports that it is paused.
    /// </summary>
    protected abstract Task UntilPausedAsync(ContractWorker worker, int waiting);

    /// <summary>Waits until the transport reports that many probes. Where messages are held, the filters have already done so.</summary>
    protected abstract Task UntilProbingAsync(ContractWorker worker, int probes, int waiting);

    /// <summary>Counts the messages that went where only failed and unknown messages go.</summary>
    protected abstract Task<long> CountDeadLetteredAsync(ContractWorker worker);

    /// <summary>Makes breaks and probes so long that none ends by itself, even on a slow machine.</summary>
    static void WithALongBreak(BreakerOptions options) =>
        options.BreakDuration = options.MaxBreakDuration = options.ProbeTimeout = LongBreak;
}
