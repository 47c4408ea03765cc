using Messaging.Breaker.IntegrationTests.Databases;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Messaging.Breaker.IntegrationTests.Databases;

/// <summary>The PostgreSQL that serves the whole run: use tables of your own, and leave it running.</summary>
public class PostgresFixture : IAsyncLifetime
{
    PostgresNode? _node;

    public PostgresNode Node => _node ?? throw new InvalidOperationException("PostgreSQL has not been started.");

    public async ValueTask InitializeAsync() => _node = await PostgresNode.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A node of its own for a test class that stops, crashes or pauses it: <c>IClassFixture&lt;PrivatePostgresFixture&gt;</c>.</summary>
public sealed class PrivatePostgresFixture : PostgresFixture;
