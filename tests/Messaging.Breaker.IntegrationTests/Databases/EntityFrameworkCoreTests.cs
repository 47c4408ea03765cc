using System.Collections.Immutable;
using Messaging.Breaker.Breakers;
using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.IntegrationTests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Messaging.Breaker.IntegrationTests.Databases;

public sealed class EntityFrameworkCoreTests(PrivatePostgresFixture postgres) : IClassFixture<PrivatePostgresFixture>, IAsyncLifetime
{
    PostgresNode Node => postgres.Node;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await Node.RunAsync("DROP TABLE IF EXISTS \"Parcels\"; CREATE TABLE \"Parcels\" (\"Id\" int PRIMARY KEY)");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Commands_and_commits_that_are_answered_are_successes()
    {
        await using var service = new ParcelService(Node);
        await service.AskAsync();
        Assert.Equal((1, 0), service.Window);
        Assert.Equal(0, await service.Context.Parcels.Where(parcel => parcel.Id == 5).ExecuteDeleteAsync(Token));
        Assert.Equal((2, 0), service.Window);
        await using var transaction = await service.Context.Database.BeginTransactionAsync(Token);
        service.Context.AddRange(new Parcel { Id = 1 }, new Parcel { Id = 2 });
        await service.Context.SaveChangesAsync(Token);
        Assert.Equal((3, 0), service.Window);
        await transaction.CommitAsync(Token);
        Assert.Equal((4, 0), service.Window);
    }

    [Fact]
    public async Task Synchronous_calls_are_reported_too()
    {
        await using var service = new ParcelService(Node);
        using (var transaction = service.Context.Database.BeginTransaction())
        {
            service.Context.Add(new Parcel { Id = 1 });
            service.Context.SaveChanges();
            transaction.Commit();
        }

        Assert.Single(service.Context.Parcels.ToList());
        Assert.Equal((3, 0), service.Window);
        Assert.ThrowsAny<Exception>(() => service.Context.Database.ExecuteSqlRaw("SELECT pg_sleep(60)"));
        Assert.Equal((4, 1), service.Window);
    }

    [Fact]
    public async Task A_refused_connection_is_a_failure()
    {
        await using var service = new ParcelService(Node);
        await Node.StopAsync();
        try
        {
            await Assert.ThrowsAnyAsync<Exception>(service.AskAsync);
        }
        finally
        {
            await Node.StartAsync();
        }

        Assert.Equal((1, 1), service.Window);
    }

    [Fact]
    public async Task A_connection_that_is_killed_during_a_statement_is_a_failure()
    {
        await using var service = new ParcelService(Node, "Command Timeout=60");
        var statement = service.Context.Database.ExecuteSqlRawAsync("SELECT pg_sleep(60)", Token);
        await service.TerminateAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => statement);
        Assert.Equal((1, 1), service.Window);
    }

    [Fact]
    public async Task A_server_that_crashes_during_a_statement_is_a_failure()
    {
        await using var service = new ParcelService(Node, "Command Timeout=60");
        await service.AskAsync();
        await Node.PauseAsync();
        var statement = service.AskAsync();
        await Node.KillAsync();
        await Node.StartAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => statement);
        Assert.Equal((2, 1), service.Window);
    }

    [Fact]
    public async Task A_statement_that_hangs_is_a_failure()
    {
        await using var service = new ParcelService(Node);
        await service.AskAsync();
        await WhilePausedAsync(() => Assert.ThrowsAnyAsync<Exception>(service.AskAsync));
        Assert.Equal((2, 1), service.Window);
    }

    [Fact]
    public async Task A_connection_that_hangs_while_it_opens_is_a_failure()
    {
        await using var service = new ParcelService(Node);
        await WhilePausedAsync(() => Assert.ThrowsAnyAsync<Exception>(service.AskAsync));
        Assert.Equal((1, 1), service.Window);
    }

    [Fact]
    public async Task A_commit_that_hangs_is_a_failure()
    {
        await using var service = new ParcelService(Node);
        await using var transaction = await service.Context.Database.BeginTransactionAsync(Token);
        await service.AskAsync();
        await WhilePausedAsync(() => Assert.ThrowsAnyAsync<Exception>(() => transaction.CommitAsync(Token)));
        Assert.Equal((2, 1), service.Window);
    }

    [Fact]
    public async Task A_connection_that_dies_while_rows_are_read_is_a_failure()
    {
        await using var service = new ParcelService(Node);
        await using var rows = service.ManyRows.AsAsyncEnumerable().GetAsyncEnumerator(Token);
        Assert.True(await rows.MoveNextAsync());
        Assert.Equal((0, 0), service.Window);
        await service.TerminateAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => ReadAllAsync(rows));
        await rows.DisposeAsync();
        Assert.Equal((1, 1), service.Window);
    }

    [Fact]
    public async Task A_server_that_hangs_while_rows_are_read_is_a_failure()
    {
        await using var service = new ParcelService(Node);
        await WhilePausedAsync(
            async () =>
            {
                await using var rows = service.ManyRows.AsAsyncEnumerable().GetAsyncEnumerator(Token);
                Assert.True(await rows.MoveNextAsync());
                await Node.PauseAsync();
                await Assert.ThrowsAnyAsync<Exception>(() => ReadAllAsync(rows));
            },
            isPausedByAction: true);
        Assert.Equal((1, 1), service.Window);
    }

    [Fact]
    public async Task Rows_that_stop_coming_while_they_are_read_are_a_failure()
    {
        await using var service = new ParcelService(Node);
        await Assert.ThrowsAnyAsync<Exception>(() => service.RowsThatStop.ToListAsync(Token));
        Assert.Equal((1, 1), service.Window);
    }

    [Fact]
    public async Task Rows_that_stop_coming_while_they_are_buffered_for_a_retry_are_a_failure()
    {
        await using var service = new ParcelService(Node, configure: options => options.EnableRetryOnFailure(maxRetryCount: 0));
        await Assert.ThrowsAnyAsync<Exception>(() => service.RowsThatStop.ToListAsync(Token));
        Assert.Equal((1, 1), service.Window);
    }

    [Fact]
    public async Task Every_retry_counts_as_a_call()
    {
        await using var service = new ParcelService(Node, configure: options => options.EnableRetryOnFailure(1, TimeSpan.Zero, null));
        await Node.StopAsync();
        try
        {
            await Assert.ThrowsAnyAsync<Exception>(service.AskAsync);
        }
        finally
        {
            await Node.StartAsync();
        }

        Assert.Equal((2, 2), service.Window);
    }

    [Fact]
    public async Task Rows_that_are_not_read_to_their_end_are_a_success()
    {
        await using var service = new ParcelService(Node, "Command Timeout=60");
        await using (var rows = service.ManyRows.AsAsyncEnumerable().GetAsyncEnumerator(Token))
            Assert.True(await rows.MoveNextAsync());
        Assert.Equal((1, 0), service.Window);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7, 8, 1)]
    public async Task A_violated_constraint_is_an_answer(params int[] ids)
    {
        await Node.RunAsync("INSERT INTO \"Parcels\" VALUES (1)");
        await using var service = new ParcelService(Node);
        service.Context.AddRange(ids.Select(id => new Parcel { Id = id }));
        var update = await Assert.ThrowsAsync<DbUpdateException>(() => service.Context.SaveChangesAsync(Token));
        Assert.Equal(PostgresErrorCodes.UniqueViolation, Assert.IsType<PostgresException>(update.InnerException).SqlState);
        Assert.Equal((1, 0), service.Window);
    }

    [Fact]
    public async Task Refused_credentials_are_neither_success_nor_failure()
    {
        await using var service = new ParcelService(Node, "Password=expired");
        await Assert.ThrowsAnyAsync<Exception>(service.AskAsync);
        Assert.Equal((0, 0), service.Window);
    }

    [Fact]
    public async Task A_statement_cancelled_by_its_caller_is_neither_success_nor_failure()
    {
        await using var service = new ParcelService(Node, "Command Timeout=60");
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var statement = service.Context.Database.ExecuteSqlRawAsync("SELECT pg_sleep(60)", caller.Token);
        await Eventually.Is(() => service.CountConnectionsAsync("active"), count => count == 1, "the statement to run");
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => statement);
        Assert.Equal((0, 0), service.Window);
    }

    [Fact]
    public async Task While_the_breaker_is_open_no_call_is_made()
    {
        await using var service = new ParcelService(Node);
        service.Breaker.Trip("test");
        await Assert.ThrowsAsync<BreakerOpenException>(service.AskAsync);
        Assert.Throws<BreakerOpenException>(() => service.Context.Parcels.ToList());
        service.Context.Add(new Parcel { Id = 1 });
        await Assert.ThrowsAsync<BreakerOpenException>(() => service.Context.SaveChangesAsync(Token));
        Assert.Equal(0, await service.CountConnectionsAsync("%"));

        service.Breaker.Reset("test");
        await service.Context.SaveChangesAsync(Token);
        Assert.Equal((1, 0), service.Window);
    }

    [Fact]
    public async Task A_transaction_is_not_committed_once_the_breaker_is_open()
    {
        await using var service = new ParcelService(Node);
        await using (var transaction = await service.Context.Database.BeginTransactionAsync(Token))
        {
            service.Context.Add(new Parcel { Id = 1 });
            await service.Context.SaveChangesAsync(Token);
            service.Breaker.Trip("test");
            var update = await Assert.ThrowsAsync<DbUpdateException>(() =>
            {
                service.Context.Add(new Parcel { Id = 2 });
                return service.Context.SaveChangesAsync(Token);
            });
            Assert.IsType<BreakerOpenException>(update.InnerException);
            await Assert.ThrowsAsync<BreakerOpenException>(() => transaction.CommitAsync(Token));
        }

        Assert.Equal(0L, await Node.RunAsync("SELECT count(*) FROM \"Parcels\""));
    }

    [Fact]
    public async Task A_handler_fails_with_the_same_exception_that_was_reported()
    {
        await using var service = new ParcelService(Node);
        var attempt = new BreakerAttempt((CircuitBreaker)service.Breaker);
        Assert.True(attempt.TryAcquire());
        var message = new InFlightMessage(ImmutableArray.Create(attempt), null, TimeProvider.System, Token);
        message.Begin(TimeProvider.System.GetTimestamp());
        InFlightMessage.Current = message;
        await Node.StopAsync();
        Exception thrown;
        try
        {
            thrown = await Assert.ThrowsAnyAsync<Exception>(service.AskAsync);
        }
        finally
        {
            await Node.StartAsync();
        }

        Assert.True(attempt.Explains(thrown));
        message.Conclude(thrown, TimeProvider.System.GetTimestamp());
        Assert.Equal(AttemptResult.Failed, attempt.Result);
        Assert.Equal((1, 1), service.Window);
    }

    static async Task ReadAllAsync(IAsyncEnumerator<string> rows)
    {
        while (await rows.MoveNextAsync())
            Assert.NotEmpty(rows.Current);
    }

    async Task WhilePausedAsync(Func<Task> action, bool isPausedByAction = false)
    {
        if (!isPausedByAction)
            await Node.PauseAsync();
        try
        {
            await action();
        }
        finally
        {
            await Node.ResumeAsync();
        }
    }
}
