using System.Diagnostics;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>A RabbitMQ node that a test may stop, crash and restart. It keeps its data and its addresses.</summary>
public abstract class RabbitMqNode : IAsyncDisposable
{
    static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(1.5);

    ManagementClient? _management;

    /// <summary>The address for AMQP clients, with user name and password. Known once the node has started.</summary>
    public abstract Uri AmqpAddress { get; }

    /// <summary>The address of the management API, with user name and password. Known once the node has started.</summary>
    public abstract Uri ManagementAddress { get; }

    ManagementClient Management => _management ??= new ManagementClient(ManagementAddress);

    /// <summary>Starts or restarts the node and waits until it is ready.</summary>
    public abstract Task StartAsync();

    /// <summary>Stops the node cleanly.</summary>
    public abstract Task StopAsync();

    /// <summary>Crashes the node: SIGKILL. See <see cref="SettleAsync"/>.</summary>
    public abstract Task KillAsync();

    /// <summary>
    /// Waits until a quorum queue that was just declared would survive a crash. The node writes the queue's registration
    /// to disk with a delay, and no figure shows when it has.
    /// </summary>
    public static Task SettleAsync()
    {
        var declared = Stopwatch.GetTimestamp();
        return Eventually.Is(() => Stopwatch.GetElapsedTime(declared) > SettlingTime, "a new queue to settle");
    }

    /// <summary>What the broker reports about a queue; null if there is no such queue.</summary>
    /// <remarks>
    /// Measured on both kinds of queue. The depth over HTTP, without statistics, is right within 5 ms on a classic queue
    /// and two ticks (0.2 s, see broker.config) on a quorum queue. The management API shows a new consumer after more
    /// than 4 s; a passive declare counts consumers at once.
    /// </remarks>
    public async Task<QueueFigures?> GetQueueAsync(string name)
    {
        if (await Management.GetDepthAsync(name) is not { } depth)
            return null;
        await using IConnection connection = await new ConnectionFactory { Uri = AmqpAddress }.CreateConnectionAsync();
        await using IChannel channel = await connection.CreateChannelAsync();
        return new QueueFigures(depth.Ready, depth.Unacknowledged, (int)await channel.ConsumerCountAsync(name));
    }

    /// <summary>The queues whose names begin with this prefix.</summary>
    public async Task<IReadOnlyList<string>> GetQueueNamesAsync(string prefix) =>
        [.. (await Management.GetDepthsAsync()).Select(queue => queue.Name).Where(name => name.StartsWith(prefix, StringComparison.Ordinal))];

    /// <summary>What the broker reports about the consumers of a queue. Exact, but takes half a second, so do not poll.</summary>
    public async Task<IReadOnlyList<ConsumerFigures>> GetConsumersAsync(string queue)
    {
        string json = await ControlAsync("list_consumers", "--formatter", "json", "queue_name", "consumer_tag", "prefetch_count");
        return [.. JsonSerializer.Deserialize<List<ConsumerFigures>>(json)!.Where(x => x.Queue == queue)];
    }

    /// <summary>Makes the broker close every client's connection.</summary>
    public Task CloseConnectionsAsync() => ControlAsync("close_all_connections", "closed by a test");

    /// <summary>The major and minor version, such as 4.3.</summary>
    public async Task<Version> GetVersionAsync()
    {
        await using IConnection connection = await new ConnectionFactory { Uri = AmqpAddress }.CreateConnectionAsync();
        string[] parts = Encoding.UTF8.GetString((byte[])connection.ServerProperties!["version"]!).Split('.');
        return Version.Parse($"{parts[0]}.{parts[1]}");
    }

    /// <summary>Sets a policy on the queues whose names begin with this prefix.</summary>
    public Task SetPolicyAsync(string prefix, string definition) =>
        ControlAsync("set_policy", prefix, $"^{prefix}", definition, "--apply-to", "queues");

    /// <summary>Adds a user with only these permissions, which are regular expressions for names of queues and exchanges.</summary>
    public async Task AddUserAsync(string name, string password, string configure, string write, string read)
    {
        await ControlAsync("add_user", name, password);
        await ControlAsync("set_permissions", name, configure, write, read);
    }

    /// <summary>Stops the node and removes its files.</summary>
    public async ValueTask DisposeAsync()
    {
        _management?.Dispose();
        await RemoveAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs rabbitmqctl on the node and returns its output.</summary>
    protected abstract Task<string> ControlAsync(params string[] arguments);

    protected abstract Task RemoveAsync();
}
