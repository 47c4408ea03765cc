using System.Collections.Concurrent;
using MassTransit;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Features;

public class BatchTests
{
    readonly ConcurrentQueue<int> _batches = new();

    [Fact]
    public async Task A_batch_is_one_outcome()
    {
        await using var pipeline = await StartAsync(Pipeline.Works);
        await pipeline.SendAsync(0, 16);
        await pipeline.UntilHandledAsync(16);
        await Eventually.Is(() => pipeline.Breaker.GetSnapshot().Window.Total, total => total == _batches.Count, "one outcome for each batch");
        Assert.InRange(_batches.Count, 4, 8);
    }

    [Fact]
    public async Task An_outage_returns_whole_batches_and_counts_each_once()
    {
        await using var pipeline = await StartAsync(Pipeline.Fails);
        await pipeline.SendAsync(0, 16);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "a trip");
        // Ten failures in a row trip: ten batches, not ten messages.
        Assert.InRange(_batches.Count, 3, 14);

        var generation = pipeline.Breaker.GetSnapshot().Generation;
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.GetSnapshot().Generation >= generation + 2, "a round of probes to fail");
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 16, "all messages to be handled");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_batch_that_was_collected_before_the_breaker_opened_does_not_reach_the_dependency()
    {
        var stall = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pipeline = await StartAsync((_, _) => stall.Task, batchesAtOnce: 1);
        await pipeline.SendAsync(0, 8);
        await Eventually.Is(() => pipeline.UnderWay, underWay => underWay == 1, "the first batch to be under way");
        pipeline.Breaker.Isolate("test");
        stall.SetResult();
        await pipeline.UntilHandledAsync(4);
        await Elsewhere.RoundTripAsync(pipeline);
        Assert.Single(_batches);

        pipeline.Breaker.Reset("test");
        await pipeline.UntilHandledAsync(8);
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_probe_is_a_batch()
    {
        await using var pipeline = await StartAsync(Pipeline.Works);
        pipeline.Breaker.Isolate("test");
        await pipeline.SendAsync(0, 16);
        pipeline.Breaker.Release("test");
        await pipeline.UntilHandledAsync(16);
        await pipeline.UntilAsync(BreakerState.Closed);
        // Three permits let a full batch of four through.
        Assert.Equal(4, _batches.First());
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_failure_to_create_a_batchs_consumer_counts_and_costs_no_message()
    {
        var isDown = true;
        await using var pipeline = await Pipeline.StartAsync(
            Pipeline.Works,
            consume: (pipeline, _, endpoint) => endpoint.Consumer(
                () => isDown ? throw new IOException("The consumer cannot connect.") : new Worker(pipeline, _batches),
                consumer => consumer.Options<BatchOptions>(batch => batch.SetMessageLimit(4).SetTimeLimit(ms: 100))));
        await pipeline.SendAsync(0, 16);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "a trip");
        var generation = pipeline.Breaker.GetSnapshot().Generation;
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.GetSnapshot().Generation >= generation + 2, "a round of probes to fail");
        isDown = false;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 16, "all messages to be handled");
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Closed, "a close");
        pipeline.AssertNothingDeadLettered();
    }

    [Fact]
    public async Task A_poison_batch_is_dead_lettered_while_others_are_handled()
    {
        await using var pipeline = await StartAsync((work, _) => work.Number == 7 ? throw new InvalidDataException("poison") : Task.CompletedTask);
        await pipeline.SendAsync(7, 1);
        var witness = 100;
        await Eventually.Is(
            async () =>
            {
                await pipeline.SendAsync(witness++, 1);
                return pipeline.DeadLettered.ToArray();
            },
            numbers => numbers.Contains(7),
            "the poison message in _error");
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);
    }

    [Fact]
    public async Task A_batch_consumer_is_guarded_by_its_attribute_beside_others()
    {
        await using var pipeline = await Pipeline.StartAsync(
            Pipeline.Works,
            consume: (pipeline, _, endpoint) =>
            {
                endpoint.Consumer(() => new GuardedWorker(pipeline, _batches), consumer => consumer.Options<BatchOptions>(batch => batch.SetTimeLimit(ms: 100)));
                endpoint.Handler<Elsewhere>(_ => Task.CompletedTask);
            });
        await pipeline.SendAsync(0, 4);
        await pipeline.UntilHandledAsync(4);
        await Eventually.Is(
            () => pipeline.Breakers["second"].GetSnapshot().Window.Total, total => total == _batches.Count, "the batches to be counted");
    }

    Task<Pipeline> StartAsync(Func<Work, CancellationToken, Task> dependency, int batchesAtOnce = 4) => Pipeline.StartAsync(
        dependency,
        consume: (pipeline, _, endpoint) => endpoint.Consumer(
            () => new Worker(pipeline, _batches),
            consumer => consumer.Options<BatchOptions>(batch => batch.SetMessageLimit(4).SetTimeLimit(ms: 100).SetConcurrencyLimit(batchesAtOnce))));

    [GuardedBy("second")]
    sealed class GuardedWorker(Pipeline pipeline, ConcurrentQueue<int> batches) : Worker(pipeline, batches);

    class Worker(Pipeline pipeline, ConcurrentQueue<int> batches) : IConsumer<Batch<Work>>
    {
        public async Task Consume(ConsumeContext<Batch<Work>> context)
        {
            batches.Enqueue(context.Message.Length);
            foreach (var message in context.Message)
                await pipeline.HandleAsync(message.Message, context.CancellationToken);
        }
    }
}
