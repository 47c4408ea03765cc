namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>A node that is started before the tests and removed after them.</summary>
public abstract class NodeFixture<TNode>(Func<Task<TNode>> start) : IAsyncLifetime
    where TNode : class, IAsyncDisposable
{
    TNode? _node;

    public TNode Node => _node ?? throw new InvalidOperationException($"The {typeof(TNode).Name} has not been started.");

    public async ValueTask InitializeAsync() => _node = await start();

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
