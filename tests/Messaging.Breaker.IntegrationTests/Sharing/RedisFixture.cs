namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>A Redis of its own for a test class: <c>IClassFixture&lt;RedisFixture&gt;</c>.</summary>
public sealed class RedisFixture : IAsyncLifetime
{
    RedisNode? _node;

    public RedisNode Node => _node ?? throw new InvalidOperationException("Redis has not been started.");

    public async ValueTask InitializeAsync() => _node = await RedisNode.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
    }
}
