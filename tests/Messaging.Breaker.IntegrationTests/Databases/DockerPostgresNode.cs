using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.IntegrationTests.Databases;

/// <summary>A PostgreSQL server in a container.</summary>
sealed class DockerPostgresNode : PostgresNode
{
    const int PostgresPort = 5432;

    readonly int _port = DockerEngine.FindFreePort();
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

    public override Task KillAsync() => DockerEngine.KillAsync(_container.Id);

    public override Task PauseAsync() => _container.PauseAsync();

    public override Task ResumeAsync() => _container.UnpauseAsync();

    public override ValueTask DisposeAsync() => _container.DisposeAsync();
}
