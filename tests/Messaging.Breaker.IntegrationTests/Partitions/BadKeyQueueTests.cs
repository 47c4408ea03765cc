using Messaging.Breaker.IntegrationTests.Infrastructure;
using RabbitMQ.Client;

namespace Messaging.Breaker.IntegrationTests.Partitions;

/// <summary>Interference with the queues of keys, and refusals by the broker.</summary>
public class BadKeyQueueTests(BrokerFixture broker)
{
    [Fact]
    public async Task A_key_continues_after_somebody_deletes_its_queue()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers);
        worker.Breaker.Keys!["acme"].Isolate("test");
        await KeyWorker.SendAsync(worker, "acme", 0, 10);
        await worker.UntilEmptyAsync();
        Assert.Equal(10, await worker.CountParkedAsync("acme"));
        await worker.OnChannelAsync(channel => channel.QueueDeleteAsync(worker.ParkingQueue("acme")));

        await KeyWorker.SendAsync(worker, "acme", 10, 10);
        await worker.UntilEmptyAsync();
        await Eventually.Is(() => worker.CountParkedAsync("acme"), count => count == 10, "the queue to exist again");
        worker.Breaker.Keys!["acme"].Reset("test");
        await KeyWorker.UntilDeliveredAsync(customers, 10);
        Assert.Equal(Enumerable.Range(10, 10), customers.Of("acme"));
        await KeyWorker.UntilNothingIsParkedAsync(worker);
    }

    /// <summary>A broker killed just after a queue's declaration may forget the queue. The test deletes the queue instead.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_that_a_broker_forgot_in_a_crash_come_from_the_copies(bool quorum)
    {
        var customers = new Customers();
        string queue;
        await using (var worker = await KeyWorker.StartAsync(broker.Node, customers, quorum))
        {
            queue = worker.Queue;
            await KeyWorker.UntilCopiesAreTrustedAsync();
            worker.Breaker.Keys!["acme"].Isolate("test");
            await KeyWorker.SendAsync(worker, "acme", 0, 10);
            await Eventually.Is(() => worker.CountParkedAsync("acme"), count => count == 10, "the messages to be parked");
            await worker.OnChannelAsync(channel => channel.QueueDeleteAsync(worker.ParkingQueue("acme")));
        }

        await using var next = await KeyWorker.StartAsync(broker.Node, customers, quorum, queue: queue);
        next.Breaker.Keys!["acme"].Reset("test");
        await KeyWorker.UntilDeliveredAsync(customers, 10);
        Assert.Equal(Enumerable.Range(0, 10), customers.Of("acme"));
        await KeyWorker.UntilNothingIsParkedAsync(next);
    }

    [Fact]
    public async Task A_key_continues_if_its_queue_is_deleted_while_it_is_consumed()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers);
        customers.TakeDown("acme");
        await KeyWorker.SendAsync(worker, "acme", 0, 40);
        await KeyWorker.UntilParkedAsync(worker, "acme");
        await Eventually.Is(() => customers.CallsWhileDown("acme"), calls => calls > 12, "the key to be probed");
        await worker.OnChannelAsync(channel => channel.QueueDeleteAsync(worker.ParkingQueue("acme")));
        customers.BringBack("acme");

        await KeyWorker.SendAsync(worker, "acme", 40, 10);
        await Eventually.Is(() => customers.Of("acme"), numbers => numbers.Intersect(Enumerable.Range(40, 10)).Count() == 10, "the later messages to be delivered");
        await KeyWorker.UntilNothingIsParkedAsync(worker);
    }

    [Fact]
    public async Task Without_permission_to_declare_queues_messages_are_held_and_none_is_lost()
    {
        var customers = new Customers();
        var queue = $"test-{Guid.NewGuid():N}";
        var user = $"user-{Guid.NewGuid():N}";
        // Permission for everything except the queues of keys.
        await broker.Node.AddUserAsync(user, "not-to-be-seen", "^(?!.*_parked).*", ".*", ".*");
        await using var worker = await KeyWorker.StartAsync(
            broker.Node,
            customers,
            queue: queue,
            host: host =>
            {
                host.Username(user);
                host.Password("not-to-be-seen");
            });
        customers.TakeDown("acme");
        await KeyWorker.SendAsync(worker, "acme", 0, 6);
        await KeyWorker.SendToOthersAsync(worker, 0, 10);
        await KeyWorker.UntilDeliveredAsync(customers, 50);

        customers.BringBack("acme");
        await KeyWorker.UntilDeliveredAsync(customers, 56);
        await worker.AssertNothingDeadLetteredAsync();
    }
}

/// <summary>Kills its own broker or closes its connections.</summary>
public class KeyQueueBrokerLossTests(PrivateBrokerFixture broker) : IClassFixture<PrivateBrokerFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_is_killed_keeps_what_waits_for_a_key(bool quorum)
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers, quorum);
        customers.TakeDown("acme");
        await KeyWorker.SendAsync(worker, "acme", 0, 40);
        await KeyWorker.SendToOthersAsync(worker, 0, 10);
        await KeyWorker.UntilParkedAsync(worker, "acme");
        await RabbitMqNode.SettleAsync();
        await broker.Node.KillAsync();
        await broker.Node.StartAsync();

        customers.BringBack("acme");
        await Eventually.Is(() => customers.Of("acme").Distinct().Count(), count => count == 40, "everything to be delivered", TimeSpan.FromSeconds(60));
        await KeyWorker.SendAsync(worker, "acme", 40, 5);
        await Eventually.Is(() => customers.Of("acme").Distinct().Count(), count => count == 45, "the next messages to be delivered");
        await KeyWorker.UntilNothingIsParkedAsync(worker);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task Connections_that_the_broker_closes_cost_nothing()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers, quorum: true);
        customers.TakeDown("acme");
        await KeyWorker.SendAsync(worker, "acme", 0, 40);
        await KeyWorker.UntilParkedAsync(worker, "acme");
        await broker.Node.CloseConnectionsAsync();
        await KeyWorker.SendAsync(worker, "acme", 40, 10);
        await KeyWorker.SendAsync(worker, "globex", 0, 10);
        customers.BringBack("acme");
        await Eventually.Is(() => customers.Of("acme").Distinct().Count(), count => count == 50, "everything to be delivered", TimeSpan.FromSeconds(60));
        await Eventually.Is(() => customers.Of("globex").Count, count => count == 10, "the others to be delivered");
        await worker.AssertNothingDeadLetteredAsync();
    }
}
