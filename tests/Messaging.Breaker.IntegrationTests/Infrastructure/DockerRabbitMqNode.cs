using RabbitMQ.Client;
using Testcontainers.RabbitMq;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>A node in a container.</summary>
sealed class DockerRabbitMqNode : RabbitMqNode
{
    const string Image = "rabbitmq:4-management";

    readonly int _amqpPort = DockerEngine.FindFreePort();
    readonly int _managementPort = DockerEngine.FindFreePort();
    readonly RabbitMqContainer _container;

    public DockerRabbitMqNode(string config)
    {
        _container = new RabbitMqBuilder(Image)
            .WithUsername("guest")
            .WithPassword("guest")
            .WithPortBinding(_amqpPort, RabbitMqBuilder.RabbitMqPort)
            .WithPortBinding(_managementPort, 15672)
            .WithResourceMapping(new FileInfo(config), new FileInfo("/etc/rabbitmq/advanced.config"))
            .Build();
    }

    public override Uri AmqpAddress => new($"amqp://guest:guest@{_container.Hostname}:{_amqpPort}/");

    public override Uri ManagementAddress => new($"http://guest:guest@{_container.Hostname}:{_managementPort}/");

    public override async Task StartAsync()
    {
        await _container.StartAsync();
        // The log still contains the "ready" of the previous start, so only a connection shows it.
        var factory = new ConnectionFactory { Uri = AmqpAddress };
        await Eventually.Is(
            async () =>
            {
                await using IConnection connection = await factory.CreateConnectionAsync();
                return connection.IsOpen;
            },
            open => open,
            "the container to accept a connection",
            TimeSpan.FromMinutes(2));
    }

    public override Task StopAsync() => _container.StopAsync();

    public override Task KillAsync() => DockerEngine.KillAsync(_container.Id);

    protected override async Task<string> ControlAsync(params string[] arguments)
    {
        var result = await _container.ExecAsync(["rabbitmqctl", "--quiet", .. arguments]);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"rabbitmqctl ended with {result.ExitCode}: {result.Stderr}");
        return result.Stdout;
    }

    protected override async Task RemoveAsync() => await _container.DisposeAsync();
}
