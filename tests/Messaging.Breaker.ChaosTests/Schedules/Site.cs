using System.Diagnostics;
using Messaging.Breaker.ChaosTests.Cluster;
using Messaging.Breaker.ChaosTests.Redrives;
using Messaging.Breaker.ChaosTests.Shop;
using Messaging.Breaker.ChaosTests.Workers;

namespace Messaging.Breaker.ChaosTests.Schedules;

/// <summary>What the faults of one schedule can strike, and a diary of what happened.</summary>
/// <param name="store">The store of the fleet; null if it is not a process of its own.</param>
/// <param name="fronts">The fronts through which the workers reach a cluster; empty without a cluster.</param>
sealed class Site(
    RabbitMqNode broker,
    RedisNode? store,
    ShakyPayments payments,
    IReadOnlyList<WorkerSlot> workers,
    IReadOnlyList<ClusterFront> fronts,
    BreakerStates states,
    string ordersQueue,
    string settingsFile,
    Action<string> note)
    : IDisposable
{
    readonly SemaphoreSlim _brokerIsFree = new(1);
    readonly SemaphoreSlim _storeIsFree = new(1);

    public ShakyPayments Payments => payments;

    public IReadOnlyList<WorkerSlot> Workers => workers;

    public BreakerStates States => states;

    public string OrdersQueue => ordersQueue;

    public string SettingsFile => settingsFile;

    public FaultCounts Counts { get; } = new();

    /// <summary>Null until dead letters are redriven.</summary>
    public Redriver? Redriver { get; set; }

    public void Note(string happening) => note(happening);

    public Task WithBrokerAsync(Func<RabbitMqNode, Task> strike) => InTurnAsync(_brokerIsFree, () => strike(broker));

    public Task WithClusterAsync(Func<RabbitMqCluster, Task> strike) => WithBrokerAsync(node => strike((RabbitMqCluster)node));

    /// <summary>The number of the node that a worker is connected to.</summary>
    public int NodeOf(int worker) => fronts[worker].Node;

    public Task WithStoreAsync(Func<RedisNode, Task> strike) => InTurnAsync(_storeIsFree, () => strike(store!));

    public async Task StrikeAsync(IEnumerable<Fault> faults)
    {
        var began = Stopwatch.GetTimestamp();
        await Task.WhenAll(faults.Select(async fault =>
        {
            var left = fault.At - Stopwatch.GetElapsedTime(began);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, TestContext.Current.CancellationToken);
            note($"{fault}");
            await fault.StrikeAsync(this);
        }));
    }

    public void Dispose()
    {
        _brokerIsFree.Dispose();
        _storeIsFree.Dispose();
    }

    /// <summary>Strikes one fault at a time, because a server that is down cannot be told to close its connections.</summary>
    static async Task InTurnAsync(SemaphoreSlim isFree, Func<Task> strike)
    {
        await isFree.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await strike();
        }
        finally
        {
            isFree.Release();
        }
    }
}
