using System.Diagnostics.Metrics;
using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;
using Messaging.Breaker.IntegrationTests.Telemetry;
using Microsoft.Extensions.DependencyInjection;

namespace Messaging.Breaker.IntegrationTests.Returns;

/// <summary>Messages 0 to N-1 always fail. They are at the head of the queue.</summary>
public class PoisonTests(BrokerFixture broker)
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_poison_message_at_the_head_does_not_keep_the_breaker_open(bool quorum)
    {
        // On a busy machine the others may arrive late, and a message that seems to be alone would trip the breaker again.
        await using var worker = await StartAsync(1, quorum, configure: options => options.RetestDelay = TimeSpan.FromSeconds(1));
        worker.Dependency.IsDown = true;
        await worker.SendAsync(0, 100);
        await worker.UntilReopenedAsync(2);
        worker.Dependency.IsDown = false;
        var recovered = worker.Breaker.GetSnapshot().Generation;
        await UntilOnlyPoisonIsInErrorAsync(worker, 1, 100);
        // The current round may still fail before the next one succeeds: Open, HalfOpen, Closed.
        Assert.InRange(worker.Breaker.GetSnapshot().Generation - recovered, 1, 3);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Several_poison_messages_at_the_head_do_not_keep_others_from_probing(int poison)
    {
        await using var worker = await StartAsync(poison);
        worker.Breaker.Isolate("test");
        await worker.SendAsync(0, 100);
        await worker.UntilPausedAsync(100);
        worker.Breaker.Release("test");
        await UntilOnlyPoisonIsInErrorAsync(worker, poison, 100);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_poison_message_that_fills_the_prefetch_lets_others_pass_and_is_found_at_fault(bool quorum)
    {
        await using var worker = await StartAsync(1, quorum, prefetch: 1);
        await worker.SendAsync(0, 50);
        await worker.UntilHandledAsync(49);
        await worker.SendAsync(50, 50);
        await UntilOnlyPoisonIsInErrorAsync(worker, 1, 100);
    }

    [Fact]
    public async Task A_lone_poison_message_trips_the_breaker_and_the_next_messages_settle_whose_fault_it_was()
    {
        await using var worker = await StartAsync(1);
        await worker.SendAsync(0, 1);
        await Eventually.Is(() => worker.Breaker.GetSnapshot().Window.Failures, failures => failures > 0, "the poison message to fail");
        await worker.SendAsync(1, 1);
        await worker.UntilHandledAsync(1);
        await worker.UntilAsync(BreakerState.Open);
        await UntilOnlyPoisonIsInErrorAsync(worker, 1, 2);
        await worker.UntilAsync(BreakerState.Closed);
    }

    [Fact]
    public async Task A_lone_failing_message_goes_to_error_after_as_many_rounds_as_its_owner_allows()
    {
        await using var worker = await StartAsync(1, configure: options => options.MaxProbeFailures = 3);
        await worker.SendAsync(0, 1);
        await Eventually.Is(() => broker.Node.GetQueueAsync($"{worker.Queue}_error"), queue => queue is { Ready: 1 }, "the message to be in _error");
        await Eventually.Is(() => broker.Node.GetQueueAsync(worker.Queue), queue => queue is { Ready: 0, Unacknowledged: 0 }, "the queue to be empty");
    }

    [Fact]
    public async Task A_lone_message_that_holds_a_breaker_open_is_named_in_the_reason_and_counted()
    {
        await using var worker = await StartAsync(1);
        using var measured = new Measured(worker.Services.GetRequiredService<IMeterFactory>());
        await worker.SendAsync(0, 1);
        await Eventually.Is(
            () => worker.Breaker.GetSnapshot().Reason, reason => reason.Contains("one message alone: ", StringComparison.Ordinal), "the message to be named");
        Assert.Equal(1, measured.Sum(
            "messaging.breaker.suspects", ("messaging.breaker.name", "first"), ("messaging.destination.name", worker.Queue)));

        await worker.SendAsync(1, 10);
        await worker.UntilHandledAsync(10);
        await worker.UntilAsync(BreakerState.Closed);
    }

    /// <summary>Keeps sending other messages. Without them, a poison message looks like an outage.</summary>
    async Task UntilOnlyPoisonIsInErrorAsync(TestWorker worker, int poison, int sent)
    {
        await worker.UntilHandledAsync(sent - poison);
        await Eventually.Is(
            async () =>
            {
                await worker.SendAsync(sent++, 1);
                return await broker.Node.GetQueueAsync($"{worker.Queue}_error");
            },
            queue => queue?.Ready == poison,
            "the poison messages to be in _error");
        await worker.UntilHandledAsync(sent - poison);
        Assert.Equal(poison, (await broker.Node.GetQueueAsync($"{worker.Queue}_error"))!.Ready);
    }

    Task<TestWorker> StartAsync(int poison, bool quorum = false, ushort prefetch = 16, Action<BreakerOptions>? configure = null) =>
        TestWorker.StartAsync(
            broker.Node,
            breakDuration: TimeSpan.FromMilliseconds(200),
            configure: options =>
            {
                options.RetestDelay = TimeSpan.FromMilliseconds(20);
                configure?.Invoke(options);
            },
            endpoints: (test, _, rabbit) => rabbit.ReceiveEndpoint(test.Queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                if (quorum)
                    endpoint.SetQuorumQueue();
                endpoint.PrefetchCount = prefetch;
                endpoint.UseBreaker("first");
                endpoint.Handler<Work>(message => message.Message.Number < poison
                    ? throw new InvalidDataException("poison")
                    : test.Dependency.CallAsync(message.Message.Number, message.CancellationToken));
            }));
}
