using System.Diagnostics;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Messaging.Breaker.RabbitMq.Partitions;
using RabbitMQ.Client;

namespace Messaging.Breaker.IntegrationTests.Partitions;

/// <summary>When the queue of a key is deleted, and when it must not be.</summary>
public class KeyQueueEndTests(BrokerFixture broker)
{
    // Several times as long as it takes to delete an empty queue.
    static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(6);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queue_stays_while_an_instance_still_handles_its_messages(bool quorum)
    {
        var customers = new Customers();
        await using var first = await KeyWorker.StartAsync(broker.Node, customers, quorum);
        await ParkAsync(first, "acme", 4);
        await using var second = await KeyWorker.StartAsync(broker.Node, customers, quorum, queue: first.Queue);
        await Eventually.Is(() => second.Breaker.Keys!.NotClosed, keys => keys.Count == 1, "the other instance to learn of the trip");
        customers.Slow("acme");
        first.Breaker.Keys!["acme"].Reset("test");
        await Eventually.Is(() => first.CountParkedAsync("acme"), count => count == 0, "one instance to hold all messages");

        await StaysAsync(() => first.CountParkedAsync("acme"), count => count is not null);
        customers.Hasten("acme");
        await KeyWorker.UntilDeliveredAsync(customers, 4);
        Assert.Equal(Enumerable.Range(0, 4), customers.Of("acme"));
        await Eventually.Is<long?>(() => first.CountParkedAsync("acme"), count => count is null, "the queue to be deleted");
        await KeyWorker.UntilNothingIsParkedAsync(second);
        await first.AssertNothingDeadLetteredAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queue_stays_until_a_stopping_instance_has_handled_its_messages(bool quorum)
    {
        var customers = new Customers();
        await using var first = await KeyWorker.StartAsync(broker.Node, customers, quorum);
        await ParkAsync(first, "acme", 40);
        customers.Slow("acme");
        first.Breaker.Keys!["acme"].Reset("test");
        await Eventually.Is(() => first.CountParkedAsync("acme"), count => count < 40, "the first instance to hold some messages");
        await using var second = await KeyWorker.StartAsync(broker.Node, customers, quorum, queue: first.Queue);
        second.Breaker.Keys!["acme"].Reset("test");

        first.Endpoints.Pause(first.Queue, "test");
        await StaysAsync(() => first.CountParkedAsync("acme"), count => count > 0);
        customers.Hasten("acme");
        await KeyWorker.UntilDeliveredAsync(customers, 40);
        customers.AssertInOrder("acme");
        await KeyWorker.UntilNothingIsParkedAsync(second);
        await first.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task A_queue_left_by_an_instance_that_died_before_deleting_it_is_found_at_the_next_start()
    {
        var customers = new Customers();
        var queue = $"test-{Guid.NewGuid():N}";
        await using (var worker = await KeyWorker.StartAsync(broker.Node, customers, queue: queue))
        {
            await ParkAsync(worker, "acme", 5);
        }

        await using (var other = await TestWorker.StartAsync(broker.Node))
            await CloseAsAnotherAsync(other, queue, "acme");

        await using var next = await KeyWorker.StartAsync(broker.Node, customers, queue: queue);
        next.Breaker.Keys!["acme"].Reset("test");
        await KeyWorker.UntilDeliveredAsync(customers, 5);
        await KeyWorker.UntilNothingIsParkedAsync(next);
    }

    [Fact]
    public async Task A_queue_left_by_an_instance_that_died_before_deleting_it_is_reused_by_another()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers);
        await ParkAsync(worker, "acme", 5);
        await CloseAsAnotherAsync(worker, worker.Queue, "acme");
        worker.Breaker.Keys!["acme"].Reset("test");
        await KeyWorker.UntilDeliveredAsync(customers, 5);
        await KeyWorker.UntilNothingIsParkedAsync(worker);
    }

    [Fact]
    public async Task A_queue_with_a_foreign_consumer_stays_until_that_consumer_returns_its_messages()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers);
        await ParkAsync(worker, "acme", 10);
        await worker.OnChannelAsync(async channel =>
        {
            await channel.BasicConsumeAsync(worker.ParkingQueue("acme"), autoAck: false, new AsyncDefaultBasicConsumer(channel));
            await Eventually.Is(() => worker.CountParkedAsync("acme"), count => count == 0, "the other consumer to hold all messages");
            worker.Breaker.Keys!["acme"].Reset("test");
            await StaysAsync(() => worker.CountParkedAsync("acme"), count => count is not null);
        });
        await KeyWorker.UntilDeliveredAsync(customers, 10);
        Assert.Equal(Enumerable.Range(0, 10), customers.Of("acme"));
        await KeyWorker.UntilNothingIsParkedAsync(worker);
    }

    [Fact]
    public async Task A_purged_queue_is_reported_and_its_key_continues()
    {
        var customers = new Customers();
        using var log = new LogRecorder();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers, log: log);
        await ParkAsync(worker, "acme", 10);
        await Eventually.Is(() => worker.Breaker.Keys!.NotClosed, keys => keys is [{ Parked: 10 }], "the messages to be counted");
        await worker.OnChannelAsync(channel => channel.QueuePurgeAsync(worker.ParkingQueue("acme")));
        await Eventually.Is(() => log.Lines, lines => lines.Any(line => line.Text.Contains("10 messages left queue", StringComparison.Ordinal)), "a warning");

        worker.Breaker.Keys!["acme"].Reset("test");
        await KeyWorker.SendAsync(worker, "acme", 10, 5);
        await KeyWorker.UntilDeliveredAsync(customers, 5);
        await KeyWorker.UntilNothingIsParkedAsync(worker);
    }

    static async Task ParkAsync(TestWorker worker, string customer, int count)
    {
        worker.Breaker.Keys![customer].Isolate("test");
        await KeyWorker.SendAsync(worker, customer, 0, count);
        await worker.UntilEmptyAsync();
        await Eventually.Is(() => worker.CountParkedAsync(customer), parked => parked == count, "the messages to be parked");
    }

    static async Task StaysAsync<T>(Func<Task<T>> read, Func<T, bool> wanted)
    {
        var began = Stopwatch.GetTimestamp();
        await Eventually.Is(
            async () =>
            {
                var value = await read();
                Assert.True(wanted(value), $"It changed to {value}.");
                return Stopwatch.GetElapsedTime(began);
            },
            elapsed => elapsed > LongEnough,
            "some time to pass");
    }

    /// <summary>Does what another instance does first when it is about to delete the queue of a key.</summary>
    static Task CloseAsAnotherAsync(TestWorker worker, string queue, string key) => worker.OnChannelAsync(async channel =>
        await channel.BasicPublishAsync("", new KeyNames(queue).Register, mandatory: true, new KeyEntry(key, KeyEntryState.Closing, "another").Write()));
}
