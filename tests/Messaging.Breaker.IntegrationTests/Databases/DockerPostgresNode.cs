using System.Net;
using System.Net.Sockets;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Databases;

/// <summary>A PostgreSQL in a container.</summary>
sealed class DockerPostgresNode : PostgresNode
{
    const int PostgresPort = 5432;

    // A port of our own choice: a container that is started again gets another one from Docker.
    readonly int _port = FreePort();
    readonly IContainer _container;

    public DockerPostgresNode() => _container = new ContainerBuilder("postgres:18")
        .WithPortBinding(_port, PostgresPort)
        .WithEnvironment("POSTGRES_PASSWORD", User)
        .WithCommand("-c", "fsync=off", "-c", "max_connections=30")
        .Build();

    protected override (string Host, int Port) Address => (_container.Hostname, _port);

    public override async Task StartAsync()
    {
        await _container.StartAsync();
        await Eventually.Is(() => RunAsync("SELECT 1"), answer => answer is 1, "the container to answer", TimeSpan.FromMinutes(2));
    }

    public override Task StopAsync() => _container.StopAsync();

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
