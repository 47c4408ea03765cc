using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Transports;

public abstract class RabbitMqContract(BrokerFixture broker, string queueType) : DurableTransportContract
{
    public const string Name = "rabbitmq";

    protected override IEnumerable<string> Transport => [Name, $"{broker.Node.AmqpAddress}", queueType];

    public static void Use(IBusRegistrationConfigurator bus, Uri address, string queueType, string queue, ContractEndpoint endpoint) =>
        bus.UsingRabbitMq((context, rabbit) =>
        {
            rabbit.Host(address);
            rabbit.UseMessagingBreaker(context);
            rabbit.ReceiveEndpoint(queue, configurator =>
            {
                configurator.SetQueueArgument("x-queue-type", queueType);
                if (queueType == "quorum" && endpoint.DeliveryLimit is { } limit)
                    configurator.SetQueueArgument("x-delivery-limit", limit);
                ContractWorker.Configure(configurator, context, endpoint);
            });
        });

    protected override void Use(IBusRegistrationConfigurator bus, string queue, ContractEndpoint endpoint) =>
        Use(bus, broker.Node.AmqpAddress, queueType, queue, endpoint);

    protected override Task UntilPausedAsync(ContractWorker worker, int waiting) => Eventually.Is(
        () => broker.Node.GetQueueAsync(worker.Queue),
        queue => queue is { Unacknowledged: 0, Consumers: 0 } && queue.Ready == waiting,
        $"{waiting} messages to wait, none unacknowledged and no consumer");

    protected override async Task UntilProbingAsync(ContractWorker worker, int probes, int waiting)
    {
        await Eventually.Is(
            () => broker.Node.GetQueueAsync(worker.Queue),
            queue => queue is { Consumers: 1 } && queue.Unacknowledged == probes && queue.Ready == waiting,
            $"{probes} messages to be unacknowledged and {waiting} to wait");
        Assert.Equal(probes, Assert.Single(await broker.Node.GetConsumersAsync(worker.Queue)).Prefetch);
    }

    protected override async Task<long> CountDeadLetteredAsync(ContractWorker worker)
    {
        long count = 0;
        foreach (var where in DeadLetterSuffixes)
            count += (await broker.Node.GetQueueAsync(worker.Queue + where))?.Ready ?? 0;
        return count;
    }
}

public sealed class RabbitMqClassicContractTests(BrokerFixture broker) : RabbitMqContract(broker, "classic");

public sealed class RabbitMqQuorumContractTests(BrokerFixture broker) : RabbitMqContract(broker, "quorum")
{
    /// <summary>
    /// On a quorum queue what goes back stands behind what went back earlier and has not been delivered since: when three of sixteen that went
    /// back together are probed and go back, they come to stand behind the thirteen. And it takes back what a closed channel held a moment
    /// after the channel has closed, when the next consumer may already have been served.
    /// </summary>
    protected override bool KeepsOrderThroughRounds => false;
}
