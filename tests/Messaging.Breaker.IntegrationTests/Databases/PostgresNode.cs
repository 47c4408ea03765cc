using Messaging.Breaker.IntegrationTests.Infrastructure;
using Npgsql;

namespace Messaging.Breaker.IntegrationTests.Databases;

/// <summary>A PostgreSQL server that a test may stop, crash, hang and restart. It keeps its data and its address.</summary>
public abstract class PostgresNode : IAsyncDisposable
{
    public const string Variable = "MESSAGING_BREAKER_TEST_POSTGRES";

    protected const string User = "postgres";

    /// <summary>The connection string of a superuser. Known once the node has started.</summary>
    public string ConnectionString
    {
        get
        {
            var (host, port) = Address;
            return $"Host={host};Port={port};Database={User};Username={User};Password={User}";
        }
    }

    protected abstract (string Host, int Port) Address { get; }

    /// <summary>Starts a node that the caller owns. If there is none, the run fails: a skipped test would look like a passed one.</summary>
    public static async Task<PostgresNode> StartNewAsync()
    {
        PostgresNode node = NodeChoice.IsDocker(Variable, InstalledPostgresNode.IsAvailable) ? new DockerPostgresNode() : new InstalledPostgresNode();
        await node.StartAsync();
        return node;
    }

    /// <summary>Starts or restarts the node and waits until it answers.</summary>
    public abstract Task StartAsync();

    /// <summary>Stops the node as an administrator would, so that its clients are notified.</summary>
    public abstract Task StopAsync();

    /// <summary>Crashes the node with all its processes: SIGKILL.</summary>
    public abstract Task KillAsync();

    /// <summary>Hangs the node: it keeps its connections but answers nothing.</summary>
    public abstract Task PauseAsync();

    public abstract Task ResumeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>Runs a statement on a connection of its own.</summary>
    /// <returns>The first value of the first row; null if there is none.</returns>
    public async Task<object?> RunAsync(string sql)
    {
        await using var connection = new NpgsqlConnection($"{ConnectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
