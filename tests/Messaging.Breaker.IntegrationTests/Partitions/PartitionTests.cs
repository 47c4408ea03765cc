using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Partitions;

public class PartitionTests(BrokerFixture broker)
{
    static readonly TimeSpan LongBreak = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_outage_of_one_key_affects_only_that_key_and_its_messages_keep_their_order(bool quorum)
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers, quorum);
        customers.TakeDown("acme");
        await KeyWorker.SendAsync(worker, "acme", 0, 40);
        await KeyWorker.SendToOthersAsync(worker, 0, 40);

        await KeyWorker.UntilDeliveredAsync(customers, 5 * 40);
        await KeyWorker.UntilParkedAsync(worker, "acme");
        Assert.Equal(BreakerState.Closed, worker.Breaker.State);
        Assert.InRange(customers.CallsWhileDown("acme"), 3, 40);

        customers.BringBack("acme");
        await KeyWorker.SendAsync(worker, "acme", 40, 10);
        await KeyWorker.UntilDeliveredAsync(customers, 6 * 40 + 10);
        Assert.Equal(Enumerable.Range(0, 50), customers.Of("acme"));
        customers.AssertInOrder("acme");
        await KeyWorker.UntilNothingIsParkedAsync(worker);
        await worker.AssertNothingDeadLetteredAsync();

        await KeyWorker.SendAsync(worker, "acme", 50, 1);
        await Eventually.Is(() => customers.Of("acme").Count, count => count == 51, "the next message to be delivered");
    }

    [Fact]
    public async Task Messages_keep_their_order_if_it_takes_long_to_move_them()
    {
        var customers = new Customers();
        await using var relay = new BrokerRelay(broker.Node.AmqpAddress);
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers, address: relay.Address);
        await KeyWorker.UntilCopiesAreTrustedAsync();
        await worker.Endpoints.PauseAsync(worker.Queue, "test");
        worker.Breaker.Keys!["acme"].Isolate("test");
        await KeyWorker.SendAsync(worker, "acme", 0, 15);
        relay.Latency = TimeSpan.FromMilliseconds(250);
        await worker.Endpoints.ResumeAsync(worker.Queue);
        await Eventually.Is(() => worker.CountParkedAsync("acme"), count => count == 15, "the messages to be parked", TimeSpan.FromSeconds(90));

        relay.Latency = TimeSpan.Zero;
        worker.Breaker.Keys!["acme"].Reset("test");
        await KeyWorker.UntilDeliveredAsync(customers, 15);
        customers.AssertInOrder("acme");
        await KeyWorker.UntilNothingIsParkedAsync(worker);
    }

    [Fact]
    public async Task Messages_that_wait_for_a_key_are_found_again_after_a_full_restart()
    {
        var customers = new Customers();
        var queue = $"test-{Guid.NewGuid():N}";
        await using (var worker = await KeyWorker.StartAsync(broker.Node, customers, quorum: true, LongBreak, queue))
        {
            customers.TakeDown("acme");
            await KeyWorker.SendAsync(worker, "acme", 0, 30);
            await KeyWorker.SendAsync(worker, "globex", 0, 30);
            await KeyWorker.UntilDeliveredAsync(customers, 30);
            await KeyWorker.UntilParkedAsync(worker, "acme");
            await worker.UntilEmptyAsync();
        }

        customers.BringBack("acme");
        await using var next = await KeyWorker.StartAsync(broker.Node, customers, quorum: true, LongBreak, queue);
        Assert.Equal(BreakerState.Open, Assert.Single(next.Breaker.Keys!.NotClosed).State);
        next.Breaker.Keys!["acme"].Reset("it is back");
        await KeyWorker.UntilDeliveredAsync(customers, 60);
        Assert.Equal(Enumerable.Range(0, 30), customers.Of("acme"));
        customers.AssertInOrder("acme");
    }

    [Fact]
    public async Task A_message_that_is_alone_in_its_key_waits_as_long_as_the_outage_lasts()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers, breakDuration: TimeSpan.FromMilliseconds(20), configure: options => options.MaxBreakDuration = TimeSpan.FromMilliseconds(40));
        await KeyWorker.SendAsync(worker, "acme", 0, 5);
        await KeyWorker.UntilDeliveredAsync(customers, 5);
        customers.TakeDown("acme");
        await KeyWorker.SendAsync(worker, "acme", 5, 1);
        await Eventually.Is(() => customers.CallsWhileDown("acme"), calls => calls > 40, "many rounds to fail", TimeSpan.FromSeconds(60));

        customers.BringBack("acme");
        await KeyWorker.UntilDeliveredAsync(customers, 6);
        await KeyWorker.UntilNothingIsParkedAsync(worker);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Theory]
    [InlineData(1, 1, 10)]
    [InlineData(3, 1, 10)]
    [InlineData(1, 3, 10)]
    [InlineData(2, 4, 10)]
    [InlineData(1, 1, 3)]
    [InlineData(1, 3, 2)]
    [InlineData(2, 1, 3)]
    public async Task Poison_messages_in_a_row_go_to_error_when_others_of_their_key_succeed(int probes, int inARow, int consecutiveFailures)
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(
            broker.Node, customers, breakDuration: TimeSpan.FromMilliseconds(20), configure: options =>
                (options.MaxBreakDuration, options.Probes, options.RetestDelay, options.ConsecutiveFailures) = (TimeSpan.FromMilliseconds(40), probes, TimeSpan.FromMilliseconds(50), consecutiveFailures));
        customers.Poison("acme", Enumerable.Range(0, inARow));
        await KeyWorker.SendAsync(worker, "acme", 0, 30 + inARow);
        await KeyWorker.UntilDeliveredAsync(worker, customers, 30);
        var sent = 30 + inARow;
        await Eventually.Is(
            async () =>
            {
                // A message that is alone cannot be found at fault.
                await KeyWorker.SendAsync(worker, "acme", sent++, 1);
                return await broker.Node.GetQueueAsync($"{worker.Queue}_error");
            },
            queue => queue?.Ready == inARow,
            "the poison to be in _error");
        await KeyWorker.UntilNothingIsParkedAsync(worker);
    }

    /// <summary>No other key has a message that could close it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_whole_closes_by_a_good_message_behind_several_poison_messages(int probes)
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(
            broker.Node, customers, breakDuration: TimeSpan.FromMilliseconds(20), configure: options =>
                (options.MaxBreakDuration, options.Probes, options.RetestDelay) = (TimeSpan.FromMilliseconds(40), probes, TimeSpan.FromMilliseconds(50)));
        customers.Poison("acme", Enumerable.Range(0, 3));
        worker.Breaker.Keys!["acme"].Isolate("test");
        await KeyWorker.SendAsync(worker, "acme", 0, 4);
        await Eventually.Is(() => worker.CountParkedAsync("acme"), count => count == 4, "all messages to be parked");
        worker.Breaker.Trip("test");
        worker.Breaker.Keys["acme"].Reset("test");
        await KeyWorker.UntilDeliveredAsync(worker, customers, 1);
    }

    [Fact]
    public async Task Keys_that_differ_in_case_are_two()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers);
        worker.Breaker.Keys!["acme"].Isolate("test");
        await KeyWorker.SendAsync(worker, "acme", 0, 5);
        await KeyWorker.SendAsync(worker, "ACME", 0, 5);
        await KeyWorker.UntilDeliveredAsync(customers, 5);
        Assert.Equal(5, customers.Of("ACME").Count);
        await Eventually.Is(() => worker.CountParkedAsync("acme"), count => count == 5, "the messages of the other key to be parked");
        Assert.Null(await worker.CountParkedAsync("ACME"));
    }

    [Fact]
    public async Task A_selector_that_returns_a_different_key_each_time_loses_no_message()
    {
        var customers = new Customers();
        var asked = 0;
        await using var worker = await KeyWorker.StartAsync(
            broker.Node, customers, configure: options => options.PartitionBy<Deliver>(message => $"{message.Customer}-{Interlocked.Increment(ref asked) % 7}"));
        customers.TakeDown("acme");
        await KeyWorker.SendAsync(worker, "acme", 0, 40);
        await Eventually.Is(() => customers.CallsWhileDown("acme"), calls => calls > 10, "calls to fail");
        customers.BringBack("acme");
        await KeyWorker.UntilDeliveredAsync(customers, 40);
        Assert.Equal(Enumerable.Range(0, 40), customers.Of("acme"));
        await KeyWorker.UntilNothingIsParkedAsync(worker);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task If_one_instance_parks_a_key_the_others_park_it_too_and_one_of_them_probes()
    {
        var customers = new Customers();
        await using var first = await KeyWorker.StartAsync(broker.Node, customers, breakDuration: LongBreak);
        await using var second = await KeyWorker.StartAsync(broker.Node, customers, breakDuration: LongBreak, queue: first.Queue);
        customers.TakeDown("acme");
        await KeyWorker.SendAsync(first, "acme", 0, 40);
        await KeyWorker.UntilParkedAsync(first, "acme");
        await KeyWorker.UntilParkedAsync(second, "acme");
        await first.UntilEmptyAsync();

        var calls = customers.CallsWhileDown("acme");
        await KeyWorker.SendAsync(first, "acme", 40, 40);
        await first.UntilEmptyAsync();
        Assert.Equal(calls, customers.CallsWhileDown("acme"));

        customers.BringBack("acme");
        first.Breaker.Keys!["acme"].Reset("it is back");
        await KeyWorker.UntilDeliveredAsync(customers, 80);
        Assert.Equal(Enumerable.Range(0, 80), customers.Of("acme"));
        await KeyWorker.UntilNothingIsParkedAsync(first);
        await KeyWorker.UntilNothingIsParkedAsync(second);
    }

    [Fact]
    public async Task A_key_that_hangs_leaves_room_for_the_others()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers);
        await KeyWorker.SendToOthersAsync(worker, 0, 1);
        await KeyWorker.UntilDeliveredAsync(customers, 5);
        await KeyWorker.UntilCopiesAreTrustedAsync();
        customers.TakeDown("acme", hang: true);
        await KeyWorker.SendAsync(worker, "acme", 0, 100);
        await KeyWorker.SendToOthersAsync(worker, 1, 20);
        await KeyWorker.UntilDeliveredAsync(customers, 5 * 21);
        // The key's share of 16 places, plus calls that began just as the share was reached.
        Assert.InRange(customers.CallsWhileDown("acme"), 1, 12);

        customers.BringBack("acme");
        await KeyWorker.UntilDeliveredAsync(customers, 5 * 21 + 100);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_half_of_the_keys_are_down_the_endpoint_pauses_and_comes_back(bool quorum)
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers, quorum);
        foreach (var customer in KeyWorker.Others)
            customers.TakeDown(customer);
        await KeyWorker.SendToOthersAsync(worker, 0, 20);
        await KeyWorker.SendAsync(worker, "acme", 0, 20);
        await worker.UntilAsync(BreakerState.Open);

        foreach (var customer in KeyWorker.Others)
            customers.BringBack(customer);
        await KeyWorker.UntilDeliveredAsync(worker, customers, 120);
        await KeyWorker.UntilNothingIsParkedAsync(worker);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task The_whole_breaker_opens_if_more_keys_fail_than_may_have_queues()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers, configure: options => options.MaxParked = 2);
        foreach (var customer in KeyWorker.Others.Take(3))
            customers.TakeDown(customer);
        await KeyWorker.SendToOthersAsync(worker, 0, 20);
        await worker.UntilAsync(BreakerState.Open);

        foreach (var customer in KeyWorker.Others)
            customers.BringBack(customer);
        await KeyWorker.UntilDeliveredAsync(worker, customers, 100);
        await worker.AssertNothingDeadLetteredAsync();
    }

    [Fact]
    public async Task A_key_is_isolated_for_all_instances_until_it_is_released()
    {
        var customers = new Customers();
        await using var first = await KeyWorker.StartAsync(broker.Node, customers);
        await using var second = await KeyWorker.StartAsync(broker.Node, customers, queue: first.Queue);
        first.Breaker.Keys!["acme"].Isolate("customer acme moves house until Monday");
        await Eventually.Is(() => second.Breaker.Keys!["acme"].State, state => state == BreakerState.Isolated, "the other instance to learn of the isolation");
        await KeyWorker.SendAsync(first, "acme", 0, 20);
        await KeyWorker.SendAsync(first, "globex", 0, 20);
        await KeyWorker.UntilDeliveredAsync(customers, 20);
        await first.UntilEmptyAsync();
        Assert.Empty(customers.Of("acme"));

        second.Breaker.Keys!["acme"].Reset("it has moved");
        await KeyWorker.UntilDeliveredAsync(customers, 40);
        Assert.Equal(Enumerable.Range(0, 20), customers.Of("acme"));
    }

    [Fact]
    public async Task A_message_that_waits_for_its_key_expires_at_its_original_time()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers);
        worker.Breaker.Keys!["acme"].Isolate("test");
        await KeyWorker.SendAsync(worker, "acme", 0, 5, timeToLive: TimeSpan.FromMilliseconds(500));
        await KeyWorker.SendAsync(worker, "acme", 5, 5);
        await worker.UntilEmptyAsync();
        await Eventually.Is(() => worker.CountParkedAsync("acme"), count => count == 5, "the first five to expire");

        worker.Breaker.Keys!["acme"].Reset("test");
        await KeyWorker.UntilDeliveredAsync(customers, 5);
        Assert.Equal(Enumerable.Range(5, 5), customers.Of("acme"));
    }

    [Fact]
    public async Task An_operators_hold_of_the_endpoint_holds_the_keys_too()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers);
        worker.Breaker.Keys!["acme"].Isolate("test");
        await KeyWorker.SendAsync(worker, "acme", 0, 20);
        await worker.UntilEmptyAsync();
        worker.Endpoints.Pause(worker.Queue, "test");
        await worker.UntilPausedAsync(0);
        worker.Breaker.Keys!["acme"].Reset("test");
        await KeyWorker.SendAsync(worker, "globex", 0, 5);
        Assert.Equal(0, customers.Delivered);

        worker.Endpoints.Resume(worker.Queue);
        await KeyWorker.UntilDeliveredAsync(customers, 25);
        customers.AssertInOrder("acme");
    }
}
