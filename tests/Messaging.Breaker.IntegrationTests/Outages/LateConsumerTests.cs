using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Outages;

/// <summary>A stop while a consumer starts. The broker answers the consumer only after the stop has begun.</summary>
public sealed class LateConsumerTests(BrokerFixture broker) : IAsyncDisposable
{
    const int ChannelOpen = 20 << 16 | 10;
    const int BasicConsume = 60 << 16 | 20;

    readonly BrokerRelay _relay = new(broker.Node.AmqpAddress);

    [Theory]
    [InlineData(ChannelOpen, false)]
    [InlineData(ChannelOpen, true)]
    [InlineData(BasicConsume, false)]
    [InlineData(BasicConsume, true)]
    public async Task A_worker_can_be_stopped_while_an_endpoint_resumes(int unanswered, bool isHalfOpen)
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, breakDuration: TimeSpan.FromMinutes(10), address: _relay.Address);
        worker.Breaker.Isolate("test");
        await worker.SendAsync(0, 5);
        await worker.UntilPausedAsync(5);

        var starting = _relay.DelayAnswerTo(unanswered, TimeSpan.FromSeconds(1));
        if (isHalfOpen)
            worker.Breaker.Release("test");
        else
            worker.Breaker.Reset("test");
        await starting;
        await worker.StopAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await worker.UntilPausedAsync(5 - worker.Dependency.Handled);
        Assert.Equal(0, worker.Dependency.Duplicates);
    }

    [Theory]
    [InlineData(ChannelOpen)]
    [InlineData(BasicConsume)]
    public async Task A_bus_that_is_stopped_while_an_endpoint_resumes_starts_again(int unanswered)
    {
        await using var worker = await TestWorker.StartAsync(broker.Node, breakDuration: TimeSpan.FromMinutes(10), address: _relay.Address);
        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(0);

        var starting = _relay.DelayAnswerTo(unanswered, TimeSpan.FromSeconds(1));
        worker.Breaker.Reset("test");
        await starting;
        await worker.Bus.StopAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await worker.Bus.StartAsync(TestContext.Current.CancellationToken);
        await worker.SendAsync(0, 5);
        await worker.UntilHandledAsync(5);
        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(0);
    }

    [Theory]
    [InlineData(ChannelOpen)]
    [InlineData(BasicConsume)]
    public async Task An_endpoint_that_is_removed_while_it_resumes_leaves_no_consumer(int unanswered)
    {
        await using var worker = await TestWorker.StartAsync(
            broker.Node, breakDuration: TimeSpan.FromMinutes(10), address: _relay.Address, endpoints: (_, _, _) => { });
        var handle = worker.Bus.ConnectReceiveEndpoint(worker.Queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.UseBreaker("first");
            endpoint.Handler<Work>(_ => Task.CompletedTask);
        });
        await handle.Ready;
        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(0);

        var starting = _relay.DelayAnswerTo(unanswered, TimeSpan.FromSeconds(1));
        worker.Breaker.Reset("test");
        await starting;
        await handle.StopAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await worker.UntilPausedAsync(0);
        Assert.Empty(worker.Endpoints.Endpoints);
    }

    public ValueTask DisposeAsync() => _relay.DisposeAsync();
}
