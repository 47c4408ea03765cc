using System.Diagnostics;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Messaging.Breaker.RabbitMq.Partitions;
using RabbitMQ.Client;

namespace Messaging.Breaker.IntegrationTests.Partitions;

/// <summary>When the queue of a key goes, and when it must not.</summary>
public class KeyQueueEndTests(BrokerFixture broker)
{
    // Several times as long as it takes to delete a queue that is empty.
    static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(6);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queue_stays_while_one_instance_handles_what_came_from_it(bool quorum)
    {
        var customers = new Customers();
        await using var first = await KeyWorker.StartAsync(broker.Node, customers, quorum);
        await using var second = await KeyWorker.StartAsync(broker.Node, customers, quorum, queue: first.Queue);
        await ParkAsync(first, "acme", 4);
        await Eventually.Is(() => second.Breaker.Keys!.NotClosed, keys => keys.Count == 1, "the other to hear of it");
        customers.Slow("acme");
        first.Breaker.Keys!["acme"].Reset("test");
        await Eventually.Is(() => first.CountParkedAsync("acme"), count => count == 0, "one instance to have all of them");

        await StaysAsync(() => first.CountParkedAsync("acme"), count => count is not null);
        customers.Hasten("acme");
        await KeyWorker.UntilDeliveredAsync(customers, 4);
        Assert.Equal(Enumerable.Range(0, 4), customers.Of("acme"));
        await Eventually.Is<long?>(() => first.CountParkedAsync("acme"), count => count is null, "the queue to go");
        await KeyWorker.UntilNothingIsParkedAsync(second);
        await first.AssertNothingDeadLetteredAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_queue_stays_with_an_instance_that_stops_until_it_has_handled_what_came_from_it(bool quorum)
    {
        var customers = new Customers();
        await using var first = await KeyWorker.StartAsync(broker.Node, customers, quorum);
        await ParkAsync(first, "acme", 40);
        customers.Slow("acme");
        first.Breaker.Keys!["acme"].Reset("test");
        await Eventually.Is(() => first.CountParkedAsync("acme"), count => count < 40, "the first to have some of them");
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
    public async Task A_queue_that_an_instance_was_about_to_delete_when_it_died_is_found_at_the_next_start()
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
    public async Task A_queue_that_an_instance_was_about_to_delete_when_it_died_is_taken_back_by_another()
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
    public async Task A_queue_from_which_somebody_else_consumes_stays_until_he_gives_back_what_he_has()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers);
        await ParkAsync(worker, "acme", 10);
        await worker.OnChannelAsync(async channel =>
        {
            await channel.BasicConsumeAsync(worker.ParkingQueue("acme"), autoAck: false, new AsyncDefaultBasicConsumer(channel));
            await Eventually.Is(() => worker.CountParkedAsync("acme"), count => count == 0, "the other to have all of them");
            worker.Breaker.Keys!["acme"].Reset("test");
            await StaysAsync(() => worker.CountParkedAsync("acme"), count => count is not null);
        });
        await KeyWorker.UntilDeliveredAsync(customers, 10);
        Assert.Equal(Enumerable.Range(0, 10), customers.Of("acme"));
        await KeyWorker.UntilNothingIsParkedAsync(worker);
    }

    [Fact]
    public async Task A_queue_that_somebody_purged_is_reported_and_the_key_goes_on()
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

    /// <summary>What an instance does first that is about to delete the queue of a key.</summary>
    static Task CloseAsAnotherAsync(TestWorker worker, string queue, string key) => worker.OnChannelAsync(async channel =>
        await channel.BasicPublishAsync("", new KeyNames(queue).Register, mandatory: true, new KeyEntry(key, KeyEntryState.Closing, "another").Write()));
}
