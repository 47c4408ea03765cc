using System.Collections.Concurrent;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;

namespace Messaging.Breaker.IntegrationTests.Features;

public class BatchTests(BrokerFixture broker)
{
    static readonly TimeSpan LongBreak = TimeSpan.FromMinutes(10);

    readonly ConcurrentQueue<int> _batches = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_outage_returns_whole_batches_and_repeats_nothing(bool quorum)
    {
        await using var worker = await StartAsync(quorum);
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 100);
        await worker.UntilReopenedAsync();
        worker.Dependency.IsDown = false;
        await worker.UntilHandledAsync(100);
        await worker.UntilAsync(BreakerState.Closed);
        Assert.Equal(0, worker.Dependency.Duplicates);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task An_open_breaker_leaves_every_message_in_the_queue_and_no_partial_batch()
    {
        await using var worker = await StartAsync(breakDuration: LongBreak);
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 50);
        await worker.UntilAsync(BreakerState.Open);
        await worker.UntilPausedAsync(50);
        Assert.InRange(worker.Dependency.CallsWhileDown, 3, 16);
        worker.Dependency.IsDown = false;
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(50);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task A_batch_that_hangs_goes_back_whole()
    {
        await using var worker = await StartAsync(breakDuration: LongBreak, configure: options => options.DrainTimeout = TimeSpan.FromMilliseconds(200));
        var stall = worker.Dependency.Stall();
        await worker.SendAsync(0, 10);
        await Eventually.Is(() => _batches.Count, batches => batches == 2, "two batches to hang");
        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(10);
        stall.SetResult();
        worker.Breaker.Reset("test");
        await worker.UntilHandledAsync(10);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task A_probe_is_a_batch_with_as_many_messages_as_the_broker_delivers()
    {
        await using var worker = await StartAsync(breakDuration: LongBreak);
        worker.Breaker.Isolate("test");
        await worker.UntilPausedAsync(0);
        await worker.SendAsync(0, 30);
        await worker.UntilPausedAsync(30);
        worker.Breaker.Release("test");
        await worker.UntilHandledAsync(30);
        await worker.UntilAsync(BreakerState.Closed);
        Assert.All(_batches.Take(2), size => Assert.InRange(size, 1, 3));
        await worker.AssertNothingDeadLetteredAsync();
    }

    Task<TestWorker> StartAsync(bool quorum = false, TimeSpan? breakDuration = null, Action<BreakerOptions>? configure = null) => TestWorker.StartAsync(
        broker.Node,
        breakDuration: breakDuration,
        configure: configure,
        endpoints: (worker, _, rabbit) => rabbit.ReceiveEndpoint(worker.Queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            if (quorum)
                endpoint.SetQuorumQueue();
            endpoint.UseBreaker("first");
            endpoint.Consumer(
                () => new BatchWorker(worker, _batches),
                consumer => consumer.Options<BatchOptions>(batch => batch.SetMessageLimit(5).SetTimeLimit(ms: 200).SetConcurrencyLimit(2)));
        }));

    /// <summary>Makes one call for the batch, and then handles each message.</summary>
    sealed class BatchWorker(TestWorker worker, ConcurrentQueue<int> batches) : IConsumer<Batch<Work>>
    {
        public async Task Consume(ConsumeContext<Batch<Work>> context)
        {
            batches.Enqueue(context.Message.Length);
            foreach (var message in context.Message)
                await worker.Dependency.CallAsync(message.Message.Number, context.CancellationToken);
        }
    }
}
