using System.Diagnostics;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;

namespace Messaging.Breaker.IntegrationTests.DeadLetters;

public class LookTests(BrokerFixture broker)
{
    const int Looks = 20;

    /// <summary>MESSAGING_BREAKER_TEST_DEAD_LETTERS=100000 reproduces the figures in the documentation.</summary>
    static readonly int Messages = int.TryParse(Environment.GetEnvironmentVariable("MESSAGING_BREAKER_TEST_DEAD_LETTERS"), out var wanted) ? wanted : 1_500;

    [Fact]
    public async Task Messages_that_failed_in_the_same_way_are_one_group()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        redriven.Fault = number => number < 30 ? new PoisonException($"Order {number} of 'customer {number}' is bad") : new PoisonException("No room");
        await redriven.SendAsync(0, 35);
        await redriven.UntilDeadAsync(broker.Node, 35);

        var report = await redriven.LookAsync(new LookOptions { WithBodies = true });

        Assert.Equal((35, 0, 0), (report.Messages, report.Unread, report.OtherConsumers));
        Assert.Equal([("Order # of '…' is bad", 30L), ("No room", 5L)], report.Groups.Select(group => (group.Text, group.Count)));
        var group = report.Groups[0];
        Assert.EndsWith(nameof(PoisonException), group.Exception, StringComparison.Ordinal);
        Assert.EndsWith(nameof(Work), group.MessageType, StringComparison.Ordinal);
        Assert.Equal(Environment.MachineName, group.Host);
        Assert.NotNull(group.Consumer);
        Assert.True(group.First <= group.Last);
        Assert.Contains("\"number\"", group.Sample.Body, StringComparison.Ordinal);
        Assert.Contains("MT-Fault-StackTrace", group.Sample.Headers.Keys);
        await redriven.UntilDeadAsync(broker.Node, 35);
    }

    [Theory]
    [InlineData("classic", null, null)]
    [InlineData("quorum", null, null)]
    [InlineData("quorum", 5, null)]
    [InlineData("quorum", 5, 5)]
    [InlineData("quorum", 1, null)]
    public async Task Looking_often_loses_nothing_and_keeps_the_order(string type, int? limit, int? assumed)
    {
        await using var redriven = await Redriven.StartAsync(broker.Node, options: bus => bus.AssumedDeliveryLimit = assumed);
        (string, object)[] arguments = [("x-queue-type", type), .. limit is null ? [] : new (string, object)[] { ("x-delivery-limit", limit) }];
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors, declare: true, arguments);
        await errors.PublishAsync(0, Messages, redriven.Worker.Queue);

        var (times, memory) = (new List<TimeSpan>(), 0L);
        for (var look = 0; look < Looks; look++)
        {
            var began = Stopwatch.GetTimestamp();
            var report = await redriven.LookAsync();
            Assert.Equal((Messages, 0), (report.Messages, report.Unread));
            times.Add(Stopwatch.GetElapsedTime(began));
            memory = Math.Max(memory, Environment.WorkingSet);
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Messages} messages: median {times.Order().ElementAt(Looks / 2).TotalSeconds:0.0} s, longest {times.Max().TotalSeconds:0.0} s, {memory / 1_000_000} MB working set at most");
        await Eventually.Is(errors.CountAsync, count => count == Messages, "all messages to be back");
        Assert.Equal(Enumerable.Range(0, Messages), await errors.TakeNumbersAsync());
    }

    /// <summary>A quorum queue assigns all its messages at once and then counts none as ready, long before they have arrived.</summary>
    [Fact]
    public async Task A_long_queue_is_read_to_its_end()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors, declare: true, ("x-queue-type", "quorum"));
        await errors.PublishAsync(0, 70_000, redriven.Worker.Queue);
        var report = await redriven.LookAsync();
        Assert.Equal((70_000, 0), (report.Messages, report.Unread));
    }

    [Fact]
    public async Task Simultaneous_looks_wait_for_each_other_and_see_all_messages()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, Messages, redriven.Worker.Queue);
        var reports = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => redriven.LookAsync()));
        Assert.All(reports, report => Assert.Equal(Messages, report.Messages));
    }

    [Fact]
    public async Task A_look_at_part_of_a_queue_says_how_many_messages_it_did_not_read()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        await using var errors = await RawQueue.OpenAsync(broker.Node, redriven.Errors);
        await errors.PublishAsync(0, 700, redriven.Worker.Queue);
        var report = await redriven.LookAsync(new LookOptions { MostMessages = 600 });
        Assert.Equal((600, 100), (report.Messages, report.Unread));
        Assert.Equal(Enumerable.Range(0, 700), await errors.TakeNumbersAsync());
    }

    [Fact]
    public async Task A_missing_queue_has_no_messages_and_a_queue_that_is_not_listed_is_refused()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node);
        Assert.Equal(0, (await redriven.LookAsync()).Messages);
        Assert.Equal([redriven.Errors, $"{redriven.Worker.Queue}_skipped"], redriven.DeadLetters.Queues.Select(queue => queue.Name));
        var refusal = await Assert.ThrowsAsync<KeyNotFoundException>(() => redriven.DeadLetters.LookAsync("elsewhere", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains(redriven.Errors, refusal.Message, StringComparison.Ordinal);
    }
}
