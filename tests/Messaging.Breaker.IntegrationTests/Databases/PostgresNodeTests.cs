using Npgsql;

namespace Messaging.Breaker.IntegrationTests.Databases;

public class PostgresNodeTests(PrivatePostgresFixture postgres) : IClassFixture<PrivatePostgresFixture>
{
    PostgresNode Node => postgres.Node;

    [Fact]
    public async Task A_node_keeps_its_data_and_address_through_a_crash_and_a_stop()
    {
        await Node.RunAsync("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)");
        var address = Node.ConnectionString;

        await Node.KillAsync();
        await Assert.ThrowsAsync<NpgsqlException>(() => Node.RunAsync("SELECT 1"));
        await Node.StartAsync();
        await Node.StopAsync();
        await Assert.ThrowsAsync<NpgsqlException>(() => Node.RunAsync("SELECT 1"));
        await Node.StartAsync();

        Assert.Equal(7, await Node.RunAsync("SELECT id FROM kept"));
        Assert.Equal(address, Node.ConnectionString);
    }

    [Fact]
    public async Task A_paused_node_answers_once_it_is_resumed()
    {
        await Node.PauseAsync();
        var answer = Node.RunAsync("SELECT 1");
        await Node.ResumeAsync();
        Assert.Equal(1, await answer);
    }
}
