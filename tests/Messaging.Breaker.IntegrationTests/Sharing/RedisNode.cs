using StackExchange.Redis;

namespace Messaging.Breaker.IntegrationTests.Sharing;

/// <summary>A Redis server that a test may crash, hang and restart. It keeps its data and its address.</summary>
public abstract class RedisNode : IAsyncDisposable
{
    public const string Variable = "MESSAGING_BREAKER_TEST_REDIS";

    /// <summary>Host and port, which also form a valid configuration string. Known once the node has started.</summary>
    public abstract string Address { get; }

    /// <summary>Starts a node that the caller owns. If there is none, the run fails: a skipped test would look like a passed one.</summary>
    public static async Task<RedisNode> StartNewAsync()
    {
        RedisNode node = Infrastructure.NodeChoice.IsDocker(Variable, InstalledRedisNode.IsAvailable) ? new DockerRedisNode() : new InstalledRedisNode();
        await node.StartAsync();
        return node;
    }

    /// <summary>Starts or restarts the node and waits until it answers.</summary>
    public abstract Task StartAsync();

    /// <summary>Crashes the node: SIGKILL.</summary>
    public abstract Task KillAsync();

    /// <summary>Hangs the node: it keeps its connections but answers nothing.</summary>
    public abstract Task PauseAsync();

    public abstract Task ResumeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>Runs a command as an administrator.</summary>
    public async Task<RedisResult> RunAsync(string command, params object[] arguments)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"{Address},allowAdmin=true");
        return await connection.GetDatabase().ExecuteAsync(command, arguments);
    }
}
