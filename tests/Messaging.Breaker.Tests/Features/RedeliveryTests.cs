using System.Collections.Concurrent;
using MassTransit;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Features;

public class RedeliveryTests
{
    const int Poison = 7;
    const int Redeliveries = 2;

    readonly ConcurrentDictionary<int, int> _redelivered = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_outage_uses_up_no_redelivery(bool scheduled)
    {
        await using var pipeline = await StartAsync(Pipeline.Fails, scheduled);
        await pipeline.SendAsync(0, 5);
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.State == BreakerState.Open, "a trip");
        var generation = pipeline.Breaker.GetSnapshot().Generation;
        await pipeline.PassTimeUntilAsync(() => pipeline.Breaker.GetSnapshot().Generation >= generation + 2, "a round of probes to fail");
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 5, "all messages to be handled");
        Assert.All(_redelivered.Values, count => Assert.Equal(0, count));
        pipeline.AssertNothingDeadLettered();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_poison_message_gets_as_many_redeliveries_as_are_configured(bool scheduled)
    {
        await using var pipeline = await StartAsync(
            (work, _) => work.Number == Poison ? throw new InvalidDataException("poison") : Task.CompletedTask, scheduled);
        await pipeline.SendAsync(Poison, 1);
        var witness = 100;
        await Eventually.Is(
            async () =>
            {
                await pipeline.SendAsync(witness++, 1);
                return pipeline.DeadLettered.ToArray();
            },
            numbers => numbers is [Poison],
            "the poison message in _error");
        await Eventually.Is(() => pipeline.Faults, faults => faults == 1, "one fault");
        Assert.Equal(Redeliveries, _redelivered[Poison]);
        Assert.Equal(BreakerState.Closed, pipeline.Breaker.State);
    }

    Task<Pipeline> StartAsync(Func<Work, CancellationToken, Task> dependency, bool scheduled) => Pipeline.StartAsync(
        dependency,
        consume: (pipeline, _, endpoint) =>
        {
            if (scheduled)
                endpoint.UseScheduledRedelivery(retry => retry.Interval(Redeliveries, TimeSpan.FromMilliseconds(20)));
            else
                endpoint.UseDelayedRedelivery(retry => retry.Interval(Redeliveries, TimeSpan.FromMilliseconds(20)));
            endpoint.Handler<Work>(message =>
            {
                _redelivered[message.Message.Number] = message.GetRedeliveryCount();
                return pipeline.HandleAsync(message.Message, message.CancellationToken);
            });
        });
}
