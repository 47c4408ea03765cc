using MassTransit;
using Messaging.Breaker.AtlasTests.Cases;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.AtlasTests;

/// <summary>Messages that are alone or have no id, and a handler that fails although its calls succeed.</summary>
public class AtlasScenarioTests(BrokerFixture broker)
{
    [Fact]
    public async Task At_a_prefetch_of_one_a_poison_message_at_the_head_lets_the_first_good_one_pass_within_ten_seconds()
    {
        await using var worker = await StartAsync(PoisonBelow(1), prefetch: 1, WithDefaults);
        var sentAt = DateTimeOffset.UtcNow;
        await worker.SendAsync(1);
        await worker.SendAsync(39);
        await worker.UntilAsync(39, 1);
        Assert.InRange(worker.FirstHandledAt!.Value - sentAt, TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Where_order_is_kept_a_poison_message_at_the_head_is_named_once_and_does_not_block_its_queue_for_ever()
    {
        var log = new LogRecorder();
        await using var worker = await AtlasWorker.StartAsync(
            broker.Node, PoisonBelow(1), isAttributed: false, prefetch: 1, options => options.KeepOrder = true, log: log);
        await worker.SendAsync(1);
        await worker.SendAsync(39);
        await worker.UntilAsync(39, 1);
        Assert.Single(log.Lines, line => line.Text.Contains("by one message alone", StringComparison.Ordinal));
    }

    /// <summary>
    /// In the end the message at the head goes its ordinary way, so that it does not block its queue. The next would take twice as long.
    /// </summary>
    [Fact]
    public async Task Where_order_is_kept_a_long_outage_costs_one_message_at_most()
    {
        var dependency = PoisonBelow(0);
        await using var worker = await AtlasWorker.StartAsync(
            broker.Node, dependency, isAttributed: false, prefetch: 1,
            options => (options.KeepOrder, options.BreakDuration, options.MaxBreakDuration) = (true, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50)));
        await dependency.FailAsync();
        await worker.SendAsync(5);
        await Eventually.Is(() => worker.Transitions.Count(transition => transition.To == BreakerState.Open), count => count >= 25, "25 rounds of probes", AtlasWorker.Patience);
        await dependency.RecoverAsync();
        await worker.UntilAsync(4, 1);
    }

    [Fact]
    public async Task At_a_prefetch_of_one_an_outage_trips_the_breaker_within_five_seconds()
    {
        var dependency = PoisonBelow(0);
        await using var worker = await StartAsync(dependency, prefetch: 1, WithDefaults);
        await dependency.FailAsync();
        var downAt = DateTimeOffset.UtcNow;
        await worker.SendAsync(10);
        await worker.UntilAsync(() => worker.Transitions.Count > 0, "a trip");
        Assert.InRange(worker.Transitions[0].At - downAt, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        await dependency.RecoverAsync();
        await worker.UntilAsync(10, 0);
    }

    [Fact]
    public async Task Poison_messages_without_an_id_are_judged_like_any_other()
    {
        var dependency = PoisonBelow(3);
        await using var worker = await AtlasWorker.StartAsync(
            broker.Node, dependency, isAttributed: false, prefetch: 16, endpoint: endpoint => endpoint.UseRawJsonDeserializer(isDefault: true));
        await dependency.FailAsync();
        await worker.SendWithoutIdAsync(33);
        await Eventually.Is(() => worker.Transitions.Count(transition => transition.To == BreakerState.Open), count => count >= 2, "a round of probes to fail", AtlasWorker.Patience);
        await dependency.RecoverAsync();
        // Other messages keep coming. Without them, a poison message looks like an outage.
        await Eventually.Is(
            async () =>
            {
                await worker.SendWithoutIdAsync(1);
                return await worker.CountInErrorAsync();
            },
            count => count == 3,
            "the poison messages in _error",
            AtlasWorker.Patience);
        await worker.UntilAsync(worker.Sent - 3, 3);
    }

    [Fact]
    public async Task A_bad_deployment_pauses_its_endpoint_until_the_fix_arrives()
    {
        var isFixed = false;
        var handler = new HandlerAfterCall(() => Volatile.Read(ref isFixed) ? Task.CompletedTask : throw new InvalidCastException("Unable to cast 'OrderV2'."));
        await using var worker = await AtlasWorker.StartAsync(broker.Node, handler, isAttributed: true, prefetch: 32);
        await worker.SendAsync(10_000);
        await Eventually.Is(() => worker.Endpoints.Endpoints[0].State, state => state == EndpointState.Paused, "the endpoint to be paused");
        await worker.UntilAsync(() => worker.Transitions.Count > 0, "a trip");
        Assert.Contains("InvalidCastException: Unable to cast 'OrderV2'", worker.Transitions[0].Reason, StringComparison.Ordinal);
        await Eventually.Is(() => worker.Transitions.Count(transition => transition.To == BreakerState.Open), count => count >= 5, "four rounds of probes to fail", AtlasWorker.Patience);
        Assert.InRange(await worker.CountInErrorAsync(), 0, 40);
        Volatile.Write(ref isFixed, true);
        await Eventually.Is(() => worker.Handled.Count, count => count >= 9_960, "the others to be handled", AtlasWorker.Patience);
    }

    [Fact]
    public async Task A_bad_deployment_pauses_its_endpoint_even_if_no_breaker_counts_its_failures()
    {
        var isFixed = false;
        var handler = new HandlerAfterCall(() => Volatile.Read(ref isFixed) ? Task.CompletedTask : throw new InvalidCastException("Unable to cast 'OrderV2'."));
        await using var worker = await AtlasWorker.StartAsync(
            broker.Node, handler, isAttributed: true, prefetch: 32, options => options.Ignore<InvalidCastException>());
        await worker.SendAsync(10_000);
        var own = worker.Breakers[$"endpoint.{worker.Queue}"];
        await Eventually.Is(() => own.State, state => state == BreakerState.Open, "the endpoint's own breaker to open");
        Assert.Contains("mostly InvalidCastException: Unable to cast 'OrderV2'", own.GetSnapshot().Reason, StringComparison.Ordinal);
        await Eventually.Is(() => own.GetSnapshot().Generation, generation => generation >= 4, "a round of probes to fail", AtlasWorker.Patience);
        Assert.InRange(await worker.CountInErrorAsync(), 20, 40);
        Volatile.Write(ref isFixed, true);
        await Eventually.Is(() => worker.Handled.Count, count => count >= 9_960, "the others to be handled", AtlasWorker.Patience);
    }

    [Fact]
    public async Task Messages_that_cannot_be_read_stop_their_endpoint()
    {
        await using var worker = await AtlasWorker.StartAsync(
            broker.Node, PoisonBelow(0), isAttributed: false, prefetch: 16);
        var own = worker.Breakers[$"endpoint.{worker.Queue}"];
        await Eventually.Is(
            async () =>
            {
                await worker.SendUnreadableAsync(10);
                return own.State;
            },
            state => state == BreakerState.Open,
            "the endpoint's own breaker to open",
            AtlasWorker.Patience);
        await Eventually.Is(worker.CountInErrorAsync, count => count is >= 20 and <= 60, "20 to 60 messages in _error", AtlasWorker.Patience);
    }

    static Handler PoisonBelow(int count) =>
        new((number, _) => number < count ? throw new InvalidDataException("poison") : Task.CompletedTask);

    static void WithDefaults(BreakerOptions options) => (options.BreakDuration, options.MaxBreakDuration) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60));

    Task<AtlasWorker> StartAsync(Dependency dependency, ushort prefetch, Action<BreakerOptions> configure) =>
        AtlasWorker.StartAsync(broker.Node, dependency, isAttributed: false, prefetch, configure);

    /// <summary>Its call succeeds, and then it fails on its own.</summary>
    sealed class HandlerAfterCall(Func<Task> handle) : Dependency
    {
        public override async Task HandleAsync(IServiceProvider services, int number, CancellationToken cancellationToken)
        {
            await CallAsync(services, _ => Task.CompletedTask, cancellationToken);
            await handle();
        }
    }
}
