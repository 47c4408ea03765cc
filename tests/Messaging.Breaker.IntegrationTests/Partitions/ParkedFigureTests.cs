using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;

namespace Messaging.Breaker.IntegrationTests.Partitions;

/// <summary>The number, size and age of the messages that wait for keys, on each instance and after a restart.</summary>
public sealed class ParkedFigureTests(BrokerFixture broker)
{
    const int Messages = 30;

    static readonly TimeSpan LongBreak = TimeSpan.FromMinutes(10);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_full_restart_number_and_age_are_known_at_once_and_the_size_from_the_first_message(bool quorum)
    {
        var customers = new Customers();
        var queue = $"test-{Guid.NewGuid():N}";
        var began = DateTimeOffset.UtcNow;
        DateTimeOffset parkedAt;
        await using (var worker = await KeyWorker.StartAsync(broker.Node, customers, quorum, LongBreak, queue))
        {
            Assert.Equal((0, 0, null), FiguresOf(worker));
            customers.TakeDown("acme");
            await KeyWorker.SendAsync(worker, "acme", 0, Messages);
            var (_, bytes, oldest) = await UntilParkedAsync(worker, Messages);
            Assert.InRange(bytes!.Value, Messages * 100, Messages * 10_000);
            parkedAt = oldest!.Value;
            Assert.InRange(parkedAt, began, DateTimeOffset.UtcNow);

            // Another instance knows the same number, estimates the size once it has seen one message, and does not report a lower age.
            await using var other = await KeyWorker.StartAsync(broker.Node, customers, quorum, LongBreak, queue);
            var (_, unknown, atMost) = await UntilParkedAsync(other, Messages);
            Assert.Null(unknown);
            Assert.InRange(atMost!.Value, began, parkedAt);
        }

        await using var next = await KeyWorker.StartAsync(broker.Node, customers, quorum, LongBreak, queue);
        var (_, unseen, since) = await UntilParkedAsync(next, Messages);
        Assert.Null(unseen);
        Assert.InRange(since!.Value, began, parkedAt);

        await KeyWorker.SendAsync(next, "acme", Messages, 1);
        var (_, estimate, stillSince) = await UntilParkedAsync(next, Messages + 1);
        Assert.InRange(estimate!.Value, Messages * 100, (Messages + 1) * 10_000);
        Assert.Equal(since, stillSince);

        customers.BringBack("acme");
        next.Breaker.Keys!["acme"].Reset("it is back");
        await KeyWorker.UntilDeliveredAsync(customers, Messages + 1);
        await KeyWorker.UntilNothingIsParkedAsync(next);
        Assert.Equal((0, 0, null), FiguresOf(next));
    }

    [Fact]
    public async Task Keys_that_are_down_are_one_alert_that_names_them_and_ends_with_the_outage()
    {
        var customers = new Customers();
        await using var worker = await KeyWorker.StartAsync(broker.Node, customers, services: services => services.AddMessagingBreaker(breakers => breakers.WatchQueues(options =>
        {
            options.SamplingInterval = TimeSpan.FromMilliseconds(100);
            (options.Rules.Keys.For, options.Rules.Keys.ClearFor) = (TimeSpan.Zero, TimeSpan.FromSeconds(1));
        })));
        customers.TakeDown("acme");
        await KeyWorker.SendAsync(worker, "acme", 0, Messages);
        await KeyWorker.SendToOthersAsync(worker, 0, 10);
        await KeyWorker.UntilParkedAsync(worker, "acme");
        await Eventually.Is(() => AlertsOf(worker), alerts => alerts.Count == 1, "an alert");

        // The text changes as more becomes known.
        var alert = Assert.Single(await Eventually.Is(() => AlertsOf(worker), alerts => alerts is [var one] && one.Message.Contains("30 messages of keys wait", StringComparison.Ordinal), "the alert to count the parked messages"));
        Assert.Equal(("keys", "first", 0), (alert.Rule, alert.Breaker, alert.MoreKeys));
        Assert.Equal("acme", Assert.Single(alert.Keys));
        Assert.Contains("'acme' is ", alert.Message, StringComparison.Ordinal);

        customers.BringBack("acme");
        await Eventually.Is(() => AlertsOf(worker), alerts => alerts.Count == 0, "the alert to end", TimeSpan.FromSeconds(60));
    }

    static IReadOnlyList<QueueAlert> AlertsOf(TestWorker worker) => [.. worker.Monitor.Queues.SelectMany(queue => queue.Alerts)];

    static (long?, long?, DateTimeOffset?) FiguresOf(TestWorker worker) =>
        worker.Breaker.Keys!.Summarize() is var keys ? (keys.Parked, keys.ParkedBytes, keys.OldestParkedAt) : default;

    static Task<(long? Messages, long? Bytes, DateTimeOffset? OldestAt)> UntilParkedAsync(TestWorker worker, int count) =>
        Eventually.Is(() => FiguresOf(worker), figures => figures.Item1 == count, $"{count} parked messages to be counted", TimeSpan.FromSeconds(30));
}
