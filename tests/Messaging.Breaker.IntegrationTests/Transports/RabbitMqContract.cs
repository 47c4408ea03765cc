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
    /// On a quorum queue, a returned message goes behind those returned earlier and not delivered since. When three of sixteen messages
    /// that were returned together fail as probes, they end up behind the other thirteen. Moreover, the queue takes back a closed
    /// channel's messages a moment after the close, when the next consumer may already have received others.
    /// </summary>
    protected override bool KeepsOrderThroughRounds => false;
}
