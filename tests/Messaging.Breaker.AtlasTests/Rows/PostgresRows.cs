using Messaging.Breaker.AtlasTests.Cases;
using Messaging.Breaker.IntegrationTests.Databases;

namespace Messaging.Breaker.AtlasTests.Rows;

/// <summary>How a PostgreSQL server fails. Time-outs are one second.</summary>
/// <param name="group">The name of the client.</param>
/// <param name="create">Makes the client.</param>
sealed class PostgresRows(string group, Func<PostgresDatabase, PostgresDependency> create)
{
    const string ByException = "the exception";
    const string ByOthers = "no message gets through";
    const string WholeOnly = "it happens to the server, its user or the pool, not to a message";

    public IEnumerable<Row> All =>
    [
        OfServer("the server is down", ByException, database => database.Node.KillAsync(), database => database.Node.StartAsync()),
        OfServer("it hangs", "the client's timeout", database => database.Node.PauseAsync(), database => database.Node.ResumeAsync()),
        new(group, "the client's connection pool is exhausted", ByException, async () => create(await PostgresDatabase.CreateAsync()).FailingByLeak())
        {
            WholeOnly = WholeOnly,
        },
        OfUser("too many connections", ByException, "CONNECTION LIMIT 0", "CONNECTION LIMIT -1"),
        OfUser("it is read-only, as after a failover", ByOthers, "SET default_transaction_read_only = on", "SET default_transaction_read_only = off"),
        OfUser("the password has been changed", ByOthers, "PASSWORD 'changed'", $"PASSWORD '{PostgresDatabase.Password}'"),
        Of("the table is missing because its migration has not run", ByOthers,
            database => database.RunAsync("ALTER TABLE orders RENAME TO hidden"), database => database.RunAsync("ALTER TABLE hidden RENAME TO orders")),
        OfStatement("the connection is closed in the middle of a statement", ByException, "SELECT pg_terminate_backend(pg_backend_pid())"),
        OfStatement("a table stays locked", "the client's timeout", "SELECT pg_sleep(5)"),
        OfStatement("a storm of deadlocks (40P01, raised on request)", ByException, Raise("40P01")),
        OfStatement("out of disk (53100, raised on request)", ByException, Raise("53100")),
        OfStatement("out of memory (53200, raised on request)", ByException, Raise("53200")),
        OfStatement("the server cancels statements (57014)", ByException, "SET statement_timeout = 50; SELECT pg_sleep(5)"),
        OfStatement("a constraint is violated", ByOthers, "INSERT INTO orders VALUES (NULL)"),
    ];

    static string Raise(string state) => $"DO $$ BEGIN RAISE EXCEPTION 'on request' USING ERRCODE = '{state}'; END $$";

    Row OfStatement(string fails, string recognised, string statement) => new(
        group, fails, recognised, async () => create(await PostgresDatabase.CreateAsync()).FailingBy(statement));

    Row OfUser(string fails, string recognised, string fail, string recover) =>
        Of(fails, recognised, database => database.AlterUserAsync(fail), database => database.AlterUserAsync(recover));

    Row Of(string fails, string recognised, Func<PostgresDatabase, Task> fail, Func<PostgresDatabase, Task> recover) => new(
        group, fails, recognised, async () => create(await PostgresDatabase.CreateAsync()).FailingBy(fail, recover))
    { WholeOnly = WholeOnly };

    Row OfServer(string fails, string recognised, Func<PostgresDatabase, Task> fail, Func<PostgresDatabase, Task> recover) => new(
        group, fails, recognised, async () => create(await PostgresDatabase.CreateAsync(await PostgresNode.StartNewAsync())).FailingBy(fail, recover).OwningServer())
    { WholeOnly = WholeOnly };
}
