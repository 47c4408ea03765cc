using Messaging.Breaker.ChaosTests.Cluster;

namespace Messaging.Breaker.ChaosTests.Schedules;

/// <summary>Counts the faults that really struck. For example, a worker cannot be killed while it is being started.</summary>
sealed class FaultCounts
{
    public int WorkerKills { get; set; }

    public int GracefulStops { get; set; }

    public int BrokerKills { get; set; }

    public int StoreKills { get; set; }

    public int StoreFreezes { get; set; }

    public int ConnectionCloses { get; set; }

    public int Reloads { get; set; }

    /// <summary>Workers that were killed while redriving.</summary>
    public int RedriverKills { get; set; }

    /// <summary>Brokers that were killed while dead letters were redriven.</summary>
    public int BrokerKillsInRedrives { get; set; }

    /// <summary>Dead letters to redrive.</summary>
    public int DeadLetters { get; set; }

    /// <summary>Redrives that were ordered.</summary>
    public int Redrives { get; set; }

    /// <summary>Pieces of nonsense that a peer sent.</summary>
    public int Nonsense { get; set; }

    /// <summary>The faults that struck a node of a cluster, each with the drawn state of a breaker; null if no breaker was in it.</summary>
    public List<(string Name, Victim Victim, BreakerState? State)> ClusterFaults { get; } = [];

    public void ClusterFault(string name, Victim victim, BreakerState? state) => ClusterFaults.Add((name, victim, state));
}
