using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using StackExchange.Redis;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>A Redis server in a container.</summary>
sealed class DockerRedisNode : RedisNode
{
    const int RedisPort = 6379;

    readonly int _port = Infrastructure.DockerEngine.FindFreePort();
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

    public override Task KillAsync() => Infrastructure.DockerEngine.KillAsync(_container.Id);

    public override Task PauseAsync() => _container.PauseAsync();

    public override Task ResumeAsync() => _container.UnpauseAsync();

    public override ValueTask DisposeAsync() => _container.DisposeAsync();
}
