namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>Finds a RabbitMQ to test with. If there is none, the run fails: a skipped test would look like a passed one.</summary>
public static class TestBroker
{
    public const string Variable = "MESSAGING_BREAKER_TEST_BROKER";

    /// <summary>Starts a node that the caller owns, may crash and must dispose of.</summary>
    /// <param name="config">The node's configuration file, in the tests directory.</param>
    public static async Task<RabbitMqNode> StartNewAsync(string config = "broker.config")
    {
        RabbitMqNode node = await CreateAsync(Environment.GetEnvironmentVariable(Variable), Path.Combine(AppContext.BaseDirectory, config));
        try
        {
            await node.StartAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    static async Task<RabbitMqNode> CreateAsync(string? choice, string config) => choice switch
    {
        "docker" => new DockerRabbitMqNode(config),
        null or "" when await DockerEngine.IsAvailableAsync() => new DockerRabbitMqNode(config),
        null or "" when InstalledRabbitMqNode.IsAvailable => new InstalledRabbitMqNode(config),
        null or "" => throw new InvalidOperationException(
            "These tests need RabbitMQ, and there is neither a Docker engine that answers nor an installed broker. "
            + "Start Docker, or install one with: apt-get install rabbitmq-server"),
        _ => new InstalledRabbitMqNode(config), // "installed" or a version; the script refuses versions that it does not know.
    };
}
