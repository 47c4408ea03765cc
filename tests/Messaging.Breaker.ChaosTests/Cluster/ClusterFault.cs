using Messaging.Breaker.ChaosTests.Schedules;

namespace Messaging.Breaker.ChaosTests.Cluster;

/// <summary>The node that a fault strikes.</summary>
enum Victim
{
    /// <summary>The node with the leader of the orders' queue.</summary>
    Leader,

    /// <summary>The node that a worker is connected to.</summary>
    WorkersNode,
}

/// <summary>A fault of one node of the three. It strikes as soon as a breaker is in a certain state.</summary>
/// <param name="Worker">The worker whose node is struck, if it is a worker's node.</param>
/// <param name="Length">How long the node stays away.</param>
abstract record ClusterFault(TimeSpan At, Victim Victim, int Worker, BreakerState When, TimeSpan Length) : Fault(At)
{
    /// <summary>The longest wait for the drawn state. If no breaker reaches it, the fault strikes in another state.</summary>
    static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(8);

    public override Task StrikeAsync(Site site) => site.WithClusterAsync(async cluster =>
    {
        // Find the leader first: the half-open state can end before the broker has answered.
        var leader = await FindLeaderAsync(site, cluster);
        var isIn = await IsReachedAsync(site);
        var node = Victim is Victim.Leader ? leader : site.NodeOf(Worker);
        site.Counts.ClusterFault(Name, Victim, isIn ? When : null);
        site.Note($"{Name} of node {node + 1}{(node == leader ? ", the leader's" : "")}, {(isIn ? When : "in another state")}");
        await StrikeAsync(cluster, node);
        await Task.Delay(Length, TestContext.Current.CancellationToken);
        await MendAsync(cluster, node);
        site.Note($"node {node + 1} is back");
    });

    protected abstract string Name { get; }

    protected abstract Task StrikeAsync(RabbitMqCluster cluster, int node);

    protected abstract Task MendAsync(RabbitMqCluster cluster, int node);

    static async Task<int> FindLeaderAsync(Site site, RabbitMqCluster cluster) =>
        (await Eventually.Is<int?>(() => cluster.FindLeaderAsync(site.OrdersQueue), node => node is not null, "the queue to have a leader"))!.Value;

    async Task<bool> IsReachedAsync(Site site)
    {
        try
        {
            await Eventually.Is(() => site.States.IsAnyIn(When), $"a breaker to be {When}", LongestWait);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}

sealed record NodeKill(TimeSpan At, Victim Victim, int Worker, BreakerState When, TimeSpan Length)
    : ClusterFault(At, Victim, Worker, When, Length)
{
    protected override string Name => "kill";

    protected override Task StrikeAsync(RabbitMqCluster cluster, int node) => cluster.KillAsync(node);

    protected override Task MendAsync(RabbitMqCluster cluster, int node) => cluster.StartAsync(node);
}

sealed record NetworkCut(TimeSpan At, Victim Victim, int Worker, BreakerState When, TimeSpan Length)
    : ClusterFault(At, Victim, Worker, When, Length)
{
    protected override string Name => "cut";

    protected override Task StrikeAsync(RabbitMqCluster cluster, int node) => cluster.CutAsync(node);

    protected override Task MendAsync(RabbitMqCluster cluster, int node) => cluster.HealAsync();
}
