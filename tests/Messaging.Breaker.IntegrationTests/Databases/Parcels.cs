using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Databases;

sealed class Parcel
{
    public int Id { get; init; }
}

sealed class ParcelsContext(DbContextOptions<ParcelsContext> options) : DbContext(options)
{
    public DbSet<Parcel> Parcels => Set<Parcel>();
}

/// <summary>A service with a database, its own connection pool, and the breaker to which its calls are attributed.</summary>
sealed class ParcelService : IAsyncDisposable
{
    readonly PostgresNode _node;
    readonly string _name = $"parcels-{Guid.NewGuid():N}";
    readonly ServiceProvider _provider;
    readonly AsyncServiceScope _scope;

    /// <param name="node">The database.</param>
    /// <param name="settings">Added to the connection string.</param>
    /// <param name="configure">Sets the options of the provider.</param>
    public ParcelService(PostgresNode node, string settings = "", Action<NpgsqlDbContextOptionsBuilder>? configure = null)
    {
        _node = node;
        var connection = $"{node.ConnectionString};Application Name={_name};Timeout=2;Command Timeout=1;Cancellation Timeout=-1;{settings}";
        _provider = new ServiceCollection()
            .AddMessagingBreaker(breakers => breakers.Add("parcels-db"))
            .AddDbContext<ParcelsContext>((provider, options) => options.UseNpgsql(connection, configure).AddBreaker(provider, "parcels-db"))
            .BuildServiceProvider();
        _scope = _provider.CreateAsyncScope();
        Breaker = _provider.GetRequiredService<IBreakerRegistry>()["parcels-db"];
        Context = _scope.ServiceProvider.GetRequiredService<ParcelsContext>();
    }

    public IBreaker Breaker { get; }

    public ParcelsContext Context { get; }

    public (long Total, long Failures) Window
    {
        get
        {
            var window = Breaker.GetSnapshot().Window;
            return (window.Total, window.Failures);
        }
    }

    /// <summary>More rows than the buffers hold, so that the server is still sending while they are read.</summary>
    public IQueryable<string> ManyRows => Context.Database.SqlQueryRaw<string>("SELECT repeat('x', 1000) AS \"Value\" FROM generate_series(1, 100000)");

    /// <summary>Rows that arrive at first and then stop.</summary>
    public IQueryable<string> RowsThatStop => Context.Database.SqlQueryRaw<string>(
        "SELECT repeat('x', 1000) AS \"Value\" FROM generate_series(1, 20000) AS row WHERE row < 20000 OR pg_sleep(60) IS NULL");

    public Task<int> AskAsync() => Context.Database.SqlQueryRaw<int>("SELECT 1 AS \"Value\"").SingleAsync();

    public async Task<long> CountConnectionsAsync(string state) => (long)(await _node.RunAsync(
        $"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{_name}' AND state LIKE '{state}'"))!;

    public async Task TerminateAsync()
    {
        await Eventually.Is(() => CountConnectionsAsync("active"), count => count == 1, "the statement to run");
        await _node.RunAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{_name}'");
    }

    public async ValueTask DisposeAsync()
    {
        await _scope.DisposeAsync();
        await _provider.DisposeAsync();
    }
}
