using Messaging.Breaker.IntegrationTests.Infrastructure;

[assembly: AssemblyFixture(typeof(BrokerFixture))]

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>The node that serves the whole run: use queue names of your own, and leave it running.</summary>
public class BrokerFixture : IAsyncLifetime
{
    RabbitMqNode? _node;

    public RabbitMqNode Node => _node ?? throw new InvalidOperationException("The broker has not been started.");

    public async ValueTask InitializeAsync() => _node = await TestBroker.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A node of its own for a test class that stops or crashes it: <c>IClassFixture&lt;PrivateBrokerFixture&gt;</c>.</summary>
public sealed class PrivateBrokerFixture : BrokerFixture;
