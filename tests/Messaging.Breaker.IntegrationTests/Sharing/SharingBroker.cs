using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>The node of the tests of sharing over the bus, each of which declares quorum queues anew. See its configuration.</summary>
public sealed class SharingBroker : IAsyncLifetime
{
    public const string Config = "broker-usual-tick.config";

    RabbitMqNode? _node;

    public RabbitMqNode Node => _node ?? throw new InvalidOperationException("The broker has not been started.");

    public async ValueTask InitializeAsync() => _node = await TestBroker.StartNewAsync(Config);

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
    }
}

/// <summary>The tests that share the node.</summary>
[CollectionDefinition]
public sealed class SharingBrokerTests : ICollectionFixture<SharingBroker>;
