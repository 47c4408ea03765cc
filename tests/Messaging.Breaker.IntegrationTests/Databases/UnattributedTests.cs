using Messaging.Breaker.Classifying;
using Messaging.Breaker.Engine;
using Messaging.Breaker.IntegrationTests.Sharing;
using Npgsql;
using StackExchange.Redis;

namespace Messaging.Breaker.IntegrationTests.Databases;

/// <summary>Without attribution, the exceptions of the clients during an outage count as failures of the dependency.</summary>
public sealed class UnattributedTests(PrivatePostgresFixture postgres, RedisFixture redis) : IClassFixture<PrivatePostgresFixture>, IClassFixture<RedisFixture>
{
    string Postgres => $"{postgres.Node.ConnectionString};Pooling=false;Timeout=1;Command Timeout=1;Cancellation Timeout=1000";

    string Redis => $"{redis.Node.Address},connectTimeout=1000,asyncTimeout=1000,connectRetry=0";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PostgreSQL_that_refuses_connections_has_failed()
    {
        await postgres.Node.StopAsync();
        var thrown = await Record.ExceptionAsync(() => QueryAsync(Postgres, "SELECT 1"));
        await postgres.Node.StartAsync();
        AssertFailure<NpgsqlException>(thrown);
    }

    [Fact]
    public async Task PostgreSQL_that_is_killed_has_failed()
    {
        await using var connection = new NpgsqlConnection($"{Postgres};Timeout=30;Command Timeout=60");
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand("SELECT pg_sleep(60)", connection);
        var query = command.ExecuteScalarAsync(Token);
        await postgres.Node.KillAsync();
        var thrown = await Record.ExceptionAsync(() => query);
        await postgres.Node.StartAsync();
        AssertFailure<NpgsqlException>(thrown);
    }

    [Fact]
    public async Task PostgreSQL_that_does_not_answer_in_time_has_failed() =>
        AssertFailure<NpgsqlException>(await Record.ExceptionAsync(() => QueryAsync(Postgres, "SELECT pg_sleep(60)")));

    [Fact]
    public async Task PostgreSQL_that_refuses_credentials_has_failed() =>
        AssertFailure<PostgresException>(await Record.ExceptionAsync(() => QueryAsync($"{Postgres};Password=expired", "SELECT 1")));

    [Fact]
    public async Task Redis_that_refuses_connections_has_failed()
    {
        await redis.Node.KillAsync();
        var thrown = await Record.ExceptionAsync(() => ConnectionMultiplexer.ConnectAsync(Redis));
        await redis.Node.StartAsync();
        AssertFailure<RedisConnectionException>(thrown);
    }

    [Fact]
    public async Task Redis_that_is_killed_has_failed()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{Redis},asyncTimeout=60000");
        await redis.Node.PauseAsync();
        var command = connection.GetDatabase().PingAsync();
        await redis.Node.KillAsync();
        var thrown = await Record.ExceptionAsync(() => command);
        await redis.Node.StartAsync();
        AssertFailure<RedisException>(thrown);
    }

    [Fact]
    public async Task Redis_that_does_not_answer_in_time_has_failed()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(Redis);
        await redis.Node.PauseAsync();
        var thrown = await Record.ExceptionAsync(() => connection.GetDatabase().PingAsync());
        await redis.Node.ResumeAsync();
        AssertFailure<RedisTimeoutException>(thrown);
    }

    [Fact]
    public async Task Redis_that_refuses_credentials_has_failed()
    {
        await using var administrator = await ConnectionMultiplexer.ConnectAsync($"{Redis},allowAdmin=true");
        await administrator.GetDatabase().ExecuteAsync("CONFIG", "SET", "requirepass", "renewed");
        var thrown = await Record.ExceptionAsync(() => ConnectionMultiplexer.ConnectAsync($"{Redis},password=expired"));
        await administrator.GetDatabase().ExecuteAsync("CONFIG", "SET", "requirepass", "");
        AssertFailure<RedisConnectionException>(thrown);
    }

    static void AssertFailure<T>(Exception? thrown) where T : Exception
    {
        Assert.IsAssignableFrom<T>(thrown);
        Assert.Equal(new Classification(Outcome.Failure), new BreakerOptions().Exceptions.Classify(thrown!));
    }

    static async Task QueryAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Token);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteScalarAsync(Token);
    }
}
