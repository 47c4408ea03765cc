using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>The node for the tests of sharing over the bus. Each test declares new quorum queues; see the configuration.</summary>
public sealed class SharingBroker() : NodeFixture<RabbitMqNode>(() => TestBroker.StartNewAsync(Config))
{
    public const string Config = "broker-usual-tick.config";
}

/// <summary>The tests that share the node.</summary>
[CollectionDefinition]
public sealed class SharingBrokerTests : ICollectionFixture<SharingBroker>;
