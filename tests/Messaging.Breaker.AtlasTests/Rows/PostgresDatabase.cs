using Messaging.Breaker.IntegrationTests.Databases;
using Npgsql;

namespace Messaging.Breaker.AtlasTests.Rows;

/// <summary>A database with its own user, so that cases can share a server without affecting each other.</summary>
sealed class PostgresDatabase(PostgresNode node, string name)
{
    public const string Password = "secret";

    /// <summary>The connections of a worker: more than it handles messages at once.</summary>
    public const int PoolSize = 40;

    static readonly Lazy<Task<PostgresNode>> Shared = new(PostgresNode.StartNewAsync);

    public PostgresNode Node => node;

    /// <summary>A worker's connection pool.</summary>
    /// <param name="timeout">How long the worker waits for a connection, in seconds.</param>
    public NpgsqlDataSource Connect(int timeout) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(node.ConnectionString)
    {
        Database = name,
        Username = name,
        Password = Password,
        Timeout = timeout,
        CancellationTimeout = -1,
        MaxPoolSize = PoolSize,
    });

    /// <summary>Creates it on the server that the undisturbing cases share. That server ends with the process.</summary>
    public static async Task<PostgresDatabase> CreateAsync() => await CreateAsync(await Shared.Value);

    public static async Task<PostgresDatabase> CreateAsync(PostgresNode node)
    {
        var database = new PostgresDatabase(node, $"shop_{Guid.NewGuid():N}");
        await node.RunAsync($"CREATE ROLE {database.Name} LOGIN PASSWORD '{Password}'");
        await node.RunAsync($"CREATE DATABASE {database.Name} OWNER {database.Name}");
        await database.RunAsync("CREATE TABLE orders (id int PRIMARY KEY)");
        await database.RunAsync($"ALTER TABLE orders OWNER TO {database.Name}");
        return database;
    }

    string Name => name;

    /// <summary>Runs a statement as the administrator.</summary>
    public async Task RunAsync(string statement)
    {
        var administrator = new NpgsqlConnectionStringBuilder(node.ConnectionString) { Database = name, Pooling = false };
        await using var source = NpgsqlDataSource.Create(administrator);
        await using var command = source.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Changes the user and closes the connections made before the change.</summary>
    public async Task AlterUserAsync(string change)
    {
        await RunAsync($"ALTER ROLE {name} {change}");
        await RunAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'");
    }
}
