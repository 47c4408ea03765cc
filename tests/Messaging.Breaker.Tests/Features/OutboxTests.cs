using System.Collections.Concurrent;
using MassTransit;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Features;

public sealed record WorkDone(int Number);

public class OutboxTests
{
    readonly ConcurrentQueue<int> _published = new();

    [Fact]
    public async Task Events_of_a_handler_that_failed_in_an_outage_are_published_once_when_it_succeeds()
    {
        await using var pipeline = await Pipeline.StartAsync(
            Pipeline.Fails,
            consume: (pipeline, context, endpoint) =>
            {
                endpoint.UseInMemoryOutbox(context);
                endpoint.Handler<Work>(async message =>
                {
                    await message.Publish(new WorkDone(message.Message.Number));
                    await pipeline.HandleAsync(message.Message, message.CancellationToken);
                });
            });
        var listening = pipeline.Bus.ConnectReceiveEndpoint("done", endpoint => endpoint.Handler<WorkDone>(message =>
        {
            _published.Enqueue(message.Message.Number);
            return Task.CompletedTask;
        }));
        await listening.Ready;

        await pipeline.SendAsync(0, 20);
        await pipeline.UntilAsync(BreakerState.Open);
        pipeline.Dependency = Pipeline.Works;
        await pipeline.PassTimeUntilAsync(() => pipeline.Handled == 20, "all messages to be handled");
        await Eventually.Is(() => _published.Count, count => count >= 20, "all events to be published");
        Assert.Equal(Enumerable.Range(0, 20), _published.Order());
        pipeline.AssertNothingDeadLettered();
    }
}
