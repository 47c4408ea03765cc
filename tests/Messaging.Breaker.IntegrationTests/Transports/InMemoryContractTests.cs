using MassTransit;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Messaging.Breaker.IntegrationTests.Outages;

namespace Messaging.Breaker.IntegrationTests.Transports;

/// <summary>
/// MassTransit's in-memory transport, where messages are held. The test of a killed process does not apply: the queues are part of the
/// process and end with it, no matter who consumes from them. They also end with their bus.
/// </summary>
public sealed class InMemoryContractTests : TransportContract
{
    int _deadLettered;

    protected override bool KeepsMessagesOfAStoppedBus => false;

    protected override void Use(IBusRegistrationConfigurator bus, string queue, ContractEndpoint endpoint) => bus.UsingInMemory((context, memory) =>
    {
        memory.UseMessagingBreaker(context);
        memory.ReceiveEndpoint(queue, configurator => ContractWorker.Configure(configurator, context, endpoint));
        foreach (var where in DeadLetterSuffixes)
            memory.ReceiveEndpoint(queue + where, deadLetters =>
            {
                deadLetters.ConfigureConsumeTopology = false;
                deadLetters.Handler<Work>(_ =>
                {
                    Interlocked.Increment(ref _deadLettered);
                    return Task.CompletedTask;
                });
            });
    });

    protected override Task UntilPausedAsync(ContractWorker worker, int waiting) =>
        Eventually.Is(() => worker.State, state => state == EndpointState.Paused, "the endpoint to be paused");

    protected override Task UntilProbingAsync(ContractWorker worker, int probes, int waiting) =>
        Eventually.Is(() => worker.State, state => state == EndpointState.Limited, "the endpoint to be limited");

    protected override Task<long> CountDeadLetteredAsync(ContractWorker worker) => Task.FromResult((long)Volatile.Read(ref _deadLettered));
}
