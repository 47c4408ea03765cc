using MassTransit;
using Messaging.Breaker.IntegrationTests.Channels;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;

namespace Messaging.Breaker.IntegrationTests.Returns;

/// <summary>
/// Messages that are returned while their channel closes. A broker treats a nack after the close as an error of the whole connection.
/// </summary>
public class ConnectionTests(BrokerFixture broker)
{
    const int Messages = 1_000;
    const int Pauses = 10;

    [Fact]
    public async Task Returning_messages_never_costs_the_connection()
    {
        var shutdowns = 0;
        await using var worker = await StartAsync(() => Interlocked.Increment(ref shutdowns));
        var stall = worker.Dependency.Stall();
        await worker.SendAsync(0, Messages);
        for (var pause = 0; pause < Pauses; pause++)
        {
            await UntilStalledAsync(worker);
            worker.Breaker.Trip("by a test", TimeSpan.FromMinutes(1));
            await Eventually.Is(() => broker.Node.GetQueueAsync(worker.Queue), queue => queue?.Ready == Messages, "all messages to be back");
            worker.Breaker.Reset("by a test");
        }

        await UntilStalledAsync(worker);
        stall.SetResult();
        await worker.UntilHandledAsync(Messages);
        Assert.Equal((0, 0), (shutdowns, worker.Dependency.Duplicates));
    }

    /// <summary>Failing messages wait for their verdict during the outage. They are returned when the owner removes the endpoint.</summary>
    [Fact]
    public async Task Returning_messages_when_the_owner_stops_an_endpoint_never_costs_the_connection()
    {
        var shutdowns = 0;
        await using var worker = await StartAsync(() => Interlocked.Increment(ref shutdowns));
        for (var stop = 0; stop < Pauses; stop++)
        {
            var queue = $"{worker.Queue}-{stop}";
            var handle = worker.Bus.ConnectReceiveEndpoint(queue, endpoint =>
            {
                endpoint.ConfigureConsumeTopology = false;
                endpoint.PrefetchCount = Messages;
                endpoint.ConcurrentMessageLimit = Messages;
                endpoint.UseBreaker("second");
                endpoint.Handler<Work>(_ => throw new IOException("The dependency is down."));
            });
            await handle.Ready;
            var sender = await worker.Bus.GetSendEndpoint(new Uri($"exchange:{queue}"));
            await sender.SendBatch(Enumerable.Range(0, Messages).Select(number => new Work(number)), TestContext.Current.CancellationToken);
            await handle.StopAsync(TestContext.Current.CancellationToken);
            await Eventually.Is(() => broker.Node.GetQueueAsync(queue), figures => figures?.Ready == Messages, "all messages to be back");
            worker.Breakers["second"].Reset("by a test");
        }

        Assert.Equal(0, shutdowns);
    }

    static Task<int> UntilStalledAsync(TestWorker worker) =>
        Eventually.Is(() => worker.Dependency.Stalled, stalled => stalled == Messages, "all messages to be in their handlers");

    Task<TestWorker> StartAsync(Action onShutdown) => TestWorker.StartAsync(
        broker.Node,
        configure: options => options.DrainTimeout = TimeSpan.FromMilliseconds(100),
        endpoints: (worker, context, rabbit) => rabbit.ReceiveEndpoint(worker.Queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.PrefetchCount = Messages;
            endpoint.ConcurrentMessageLimit = Messages;
            endpoint.UseBreaker("first");
            endpoint.ConfigureChannel(channel => channel.UseFilter(new Decoration(started =>
            {
                started.ConnectionContext.Connection.ConnectionShutdownAsync += (_, _) =>
                {
                    onShutdown();
                    return Task.CompletedTask;
                };
                return started;
            })));
            endpoint.ConfigureConsumer<Worker>(context);
        }));
}
