using System.Globalization;
using System.Text.Json.Serialization;

namespace Messaging.Breaker.ChaosTests.Cluster;

/// <summary>
/// Three nodes on a network of their own. Used as a node, it stands for all three, behind a front. Each worker has its own front.
/// </summary>
sealed class RabbitMqCluster : RabbitMqNode
{
    public const int Size = 3;

    readonly string _directory = Directory.CreateTempSubdirectory("messaging-breaker-").FullName;
    readonly NodeScript _script;
    readonly List<ClusterFront> _fronts = [];
    ClusterFront? _amqp;
    ClusterFront? _management;
    Uri[] _amqpAddresses = [];

    public override Uri AmqpAddress => Started(_amqp).Address;

    public override Uri ManagementAddress => Started(_management).Address;

    RabbitMqCluster() => _script = new NodeScript("broker-cluster.sh", _directory);

    public static async Task<RabbitMqNode> StartNewAsync()
    {
        var cluster = new RabbitMqCluster();
        try
        {
            await cluster.StartAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts or restarts the nodes and waits until they are ready.</summary>
    public override async Task StartAsync()
    {
        var output = await _script.StartAsync();
        if (_amqp is not null)
            return;
        Uri[] addresses = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new Uri(line))];
        _amqpAddresses = [.. addresses.Where(address => address.Scheme is "amqp")];
        _amqp = new ClusterFront(_amqpAddresses, preferred: 0);
        _management = new ClusterFront([.. addresses.Except(_amqpAddresses)], preferred: 0);
    }

    public override async Task StopAsync()
    {
        for (var node = 0; node < Size; node++)
            await ScriptOf(node).RunAsync("stop");
    }

    /// <summary>Kills all nodes at once.</summary>
    public override Task KillAsync() => _script.RunAsync("kill");

    /// <summary>Adds a front for one client, with a preferred node. The cluster owns it.</summary>
    public ClusterFront AddFront(int preferred)
    {
        var front = new ClusterFront(_amqpAddresses, preferred % Size);
        _fronts.Add(front);
        return front;
    }

    /// <summary>Removes the fronts of <see cref="AddFront"/>.</summary>
    public async Task RemoveFrontsAsync()
    {
        foreach (var front in _fronts)
            await front.DisposeAsync();
        _fronts.Clear();
    }

    /// <summary>The number of the node with a queue's leader; null while there is none.</summary>
    public async Task<int?> FindLeaderAsync(string queue)
    {
        using var management = new ManagementClient(ManagementAddress);
        var found = await management.GetAsync<Queue>($"api/queues/%2F/{queue}");
        var host = found.Leader?.Split('@')[^1];
        var node = Array.FindIndex(_amqpAddresses, address => address.Host == host);
        return node < 0 ? null : node;
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync(int node)
    {
        AvoidInHarness(node);
        await ScriptOf(node).RunAsync("kill");
    }

    public async Task StartAsync(int node)
    {
        await ScriptOf(node).RunAsync("start");
        AvoidInHarness(null);
    }

    /// <summary>Cuts the network between that node and the others. Only its clients still reach it; the harness avoids it.</summary>
    public async Task CutAsync(int node)
    {
        AvoidInHarness(node);
        await _script.RunAsync("cut", (node + 1).ToString(CultureInfo.InvariantCulture));
    }

    public async Task HealAsync()
    {
        await _script.RunAsync("heal");
        AvoidInHarness(null);
    }

    protected override Task<string> ControlAsync(params string[] arguments) =>
        ScriptOf(0).RunAsync("ctl", ["--quiet", .. arguments]);

    protected override async Task RemoveAsync()
    {
        await RemoveFrontsAsync();
        foreach (var front in (ClusterFront?[])[_amqp, _management])
            if (front is not null)
                await front.DisposeAsync();
        await _script.RunAsync("remove");
    }

    static T Started<T>(T? part) where T : class => part ?? throw new InvalidOperationException("The cluster has not been started.");

    NodeScript ScriptOf(int node) => new("broker.sh", Path.Combine(_directory, (node + 1).ToString(CultureInfo.InvariantCulture)));

    void AvoidInHarness(int? node)
    {
        _amqp!.Avoid(node);
        _management!.Avoid(node);
    }

    sealed record Queue([property: JsonPropertyName("leader")] string? Leader);
}
