using Messaging.Breaker.AtlasTests.Cases;
using Npgsql;

namespace Messaging.Breaker.AtlasTests.Rows;

/// <summary>A database that Npgsql writes to.</summary>
class PostgresDependency(PostgresDatabase database) : Dependency
{
    readonly Stack<NpgsqlConnection> _leaked = [];
    NpgsqlDataSource? _source;
    string? _badStatement;
    Func<PostgresDatabase, Task>? _fail;
    Func<PostgresDatabase, Task>? _recover;
    bool _ownsServer;

    protected NpgsqlDataSource Source => _source ??= database.Connect(timeout: _badStatement is null ? 1 : 30);

    /// <summary>Makes a failing call run a statement that fails.</summary>
    public PostgresDependency FailingBy(string statement)
    {
        _badStatement = statement;
        return this;
    }

    /// <summary>Makes the whole database fail and recover.</summary>
    public PostgresDependency FailingBy(Func<PostgresDatabase, Task> fail, Func<PostgresDatabase, Task> recover)
    {
        (_fail, _recover) = (fail, recover);
        return this;
    }

    /// <summary>Leaks connections until none is left.</summary>
    public PostgresDependency FailingByLeak() => FailingBy(
        async _ =>
        {
            while (_leaked.Count < PostgresDatabase.PoolSize)
                try
                {
                    _leaked.Push(await Source.OpenConnectionAsync(TestContext.Current.CancellationToken));
                }
                catch (NpgsqlException exception) when (exception.InnerException is TimeoutException)
                {
                    // On a busy machine, connecting can take longer than this client's time-out.
                }
        },
        async _ =>
        {
            while (_leaked.TryPop(out var connection))
                await connection.DisposeAsync();
        });

    public PostgresDependency OwningServer()
    {
        _ownsServer = true;
        return this;
    }

    public override Task HandleAsync(IServiceProvider services, int number, CancellationToken cancellationToken) => CallAsync(
        services,
        async token =>
        {
            await using var command = Source.CreateCommand(FailingStatementOf(number) ?? $"INSERT INTO orders VALUES ({number}) ON CONFLICT DO NOTHING");
            command.CommandTimeout = (int)TimeoutOf(number).TotalSeconds;
            await command.ExecuteNonQueryAsync(token);
        },
        cancellationToken);

    public override async Task FailAsync()
    {
        await base.FailAsync();
        await (_fail?.Invoke(database) ?? Task.CompletedTask);
    }

    public override async Task RecoverAsync()
    {
        await base.RecoverAsync();
        await (_recover?.Invoke(database) ?? Task.CompletedTask);
    }

    protected override async ValueTask RemoveAsync()
    {
        await Source.DisposeAsync();
        if (_ownsServer)
            await database.Node.DisposeAsync();
    }

    protected string? FailingStatementOf(int number) => Fails(number) ? _badStatement : null;
}
