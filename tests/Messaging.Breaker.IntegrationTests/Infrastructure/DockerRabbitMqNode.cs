using System.Net;
using System.Net.Sockets;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;
using RabbitMQ.Client;
using Testcontainers.RabbitMq;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>A node in a container.</summary>
sealed class DockerRabbitMqNode : RabbitMqNode
{
    const string Image = "rabbitmq:4-management";

    // Ports of our own choice: a container that is started again gets another one from Docker.
    readonly int _amqpPort = FreePort();
    readonly int _managementPort = FreePort();
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

    public static async Task<bool> IsAvailableAsync()
    {
        if (TestcontainersSettings.OS.DockerEndpointAuthConfig is null)
            return false;
        try
        {
            using DockerClient docker = Connect();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await docker.System.PingAsync(limit.Token);
            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException
            or TimeoutException or OperationCanceledException or DockerApiException)
        {
            return false;
        }
    }

    public override async Task StartAsync()
    {
        await _container.StartAsync();
        // The log still holds the "ready" of the time before; only a connection tells.
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

    public override async Task KillAsync()
    {
        using DockerClient docker = Connect();
        await docker.Containers.KillContainerAsync(_container.Id, new ContainerKillParameters());
        await docker.Containers.WaitContainerAsync(_container.Id);
    }

    protected override async Task<string> ControlAsync(params string[] arguments)
    {
        var result = await _container.ExecAsync(["rabbitmqctl", "--quiet", .. arguments]);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"rabbitmqctl ended with {result.ExitCode}: {result.Stderr}");
        return result.Stdout;
    }

    protected override async Task RemoveAsync() => await _container.DisposeAsync();

    static DockerClient Connect() =>
        TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder(Guid.NewGuid()).Build();

    // Below the range from which the kernel takes the ports of outgoing connections, so that none of them
    // occupies the port while the container is down.
    static int FreePort()
    {
        while (true)
        {
            int port = Random.Shared.Next(20000, 32000);
            using var listener = new TcpListener(IPAddress.Any, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
            }
        }
    }
}
