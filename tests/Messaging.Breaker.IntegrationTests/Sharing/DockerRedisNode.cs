using System.Net;
using System.Net.Sockets;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using StackExchange.Redis;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>A Redis in a container.</summary>
sealed class DockerRedisNode : RedisNode
{
    const int RedisPort = 6379;

    // A port of our own choice: a container that is started again gets another one from Docker.
    readonly int _port = FreePort();
    readonly IContainer _container;

    public DockerRedisNode() => _container = new ContainerBuilder("redis:8")
        .WithPortBinding(_port, RedisPort)
        .WithCommand("redis-server", "--protected-mode", "no", "--save", "", "--appendonly", "yes", "--appendfsync", "everysec")
        .Build();

    public override string Address => $"{_container.Hostname}:{_port}";

    public override async Task StartAsync()
    {
        await _container.StartAsync();
        await Infrastructure.Eventually.Is(
            async () =>
            {
                await using var connection = await ConnectionMultiplexer.ConnectAsync(Address);
                return connection.IsConnected;
            },
            connected => connected,
            "the container to accept a connection",
            TimeSpan.FromMinutes(2));
    }

    public override async Task KillAsync()
    {
        using DockerClient docker = Connect();
        await docker.Containers.KillContainerAsync(_container.Id, new ContainerKillParameters());
        await docker.Containers.WaitContainerAsync(_container.Id);
    }

    public override Task PauseAsync() => _container.PauseAsync();

    public override Task ResumeAsync() => _container.UnpauseAsync();

    public override ValueTask DisposeAsync() => _container.DisposeAsync();

    static DockerClient Connect() =>
        TestcontainersSettings.OS.DockerEndpointAuthConfig.GetDockerClientBuilder(Guid.NewGuid()).Build();

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
