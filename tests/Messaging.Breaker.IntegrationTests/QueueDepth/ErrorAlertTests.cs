using Messaging.Breaker.IntegrationTests.DeadLetters;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.IntegrationTests.QueueDepth;

public sealed class ErrorAlertTests(BrokerFixture broker)
{
    [Fact]
    public async Task Dead_letters_are_counted_and_their_growth_raises_an_alert_but_looking_at_them_does_not()
    {
        await using var redriven = await Redriven.StartAsync(broker.Node, services: services => services.AddMessagingBreaker(breakers => breakers.WatchQueues(options =>
        {
            options.SamplingInterval = TimeSpan.FromMilliseconds(100);
            options.Rules.Errors.Raise = 30;
        })));
        var monitor = redriven.Worker.Services.GetRequiredService<IQueueMonitor>();
        await Eventually.Is(() => monitor.Queues, queues => queues is [{ DeadLetters: 0 }], "the queue to be sampled");

        redriven.Fault = number => number < 20 ? new PoisonException($"Order {number} is bad") : null;
        await redriven.SendAsync(0, 40);
        await Eventually.Is(() => monitor.Queues, queues => queues is [{ DeadLetters: 20 }], "the dead letters to be counted");
        await redriven.LookAsync();
        await Eventually.Is(() => monitor.Queues, queues => queues is [{ DeadLetters: 20 }], "the dead letters to be back");
        Assert.Empty(monitor.Queues[0].Alerts);

        redriven.Fault = number => new PoisonException($"Order {number} is bad");
        await redriven.SendAsync(40, 20);
        var alert = Assert.Single((await Eventually.Is(() => monitor.Queues[0], queue => queue.Alerts.Count > 0, "an alert")).Alerts);
        Assert.Equal(("errors", null), (alert.Rule, alert.Breaker));
        Assert.StartsWith($"Queue '{redriven.Errors}': ", alert.Message, StringComparison.Ordinal);
        Assert.Contains($"{nameof(PoisonException)}: Order # is bad", alert.Message, StringComparison.Ordinal);
    }
}
