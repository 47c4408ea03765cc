using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Outages;

public class ContainerEndTests(BrokerFixture broker)
{
    /// <summary>Found by chaos seed 1101: a worker that was stopped during its start dead-lettered what it had just received.</summary>
    [Fact]
    public async Task A_container_that_is_disposed_of_while_the_bus_consumes_dead_letters_nothing()
    {
        var ahead = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var worker = await TestWorker.StartAsync(broker.Node, endpoints: (test, context, rabbit) => rabbit.ReceiveEndpoint(test.Queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.UseBreaker("first");
            endpoint.UseExecuteAsync(message => message.TryGetMessage<Work>(out var work) && work.Message.Number > 0 ? ahead.Task : Task.CompletedTask);
            endpoint.ConfigureConsumer<CallingWorker>(context);
        }));
        await worker.SendAsync(0, 1);
        await worker.UntilHandledAsync(1);
        await worker.SendAsync(1, 50);
        await Eventually.Is(() => broker.Node.GetQueueAsync(worker.Queue), queue => queue?.Unacknowledged == 16, "messages to be delivered to the consumer");

        var disposed = worker.DisposeOfContainerAsync();
        ahead.SetResult();
        await disposed;

        await Eventually.Is(
            () => broker.Node.GetQueueAsync(worker.Queue),
            queue => queue is { Consumers: 0, Unacknowledged: 0, Ready: 50 },
            "every unhandled message to be in the queue");
        await worker.AssertNothingDeadLetteredAsync();
    }
}
