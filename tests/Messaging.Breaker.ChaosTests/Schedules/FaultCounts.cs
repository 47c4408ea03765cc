using Messaging.Breaker.ChaosTests.Cluster;

namespace Messaging.Breaker.ChaosTests.Schedules;

/// <summary>The faults that really struck: a worker that is just being started cannot be killed.</summary>
sealed class FaultCounts
{
    public int WorkerKills { get; set; }

    public int GracefulStops { get; set; }

    public int BrokerKills { get; set; }

    public int StoreKills { get; set; }

    public int StoreFreezes { get; set; }

    public int ConnectionCloses { get; set; }

    public int Reloads { get; set; }

    /// <summary>Workers that were killed while they redrove.</summary>
    public int RedriverKills { get; set; }

    /// <summary>Brokers that were killed while dead letters were redriven.</summary>
    public int BrokerKillsInRedrives { get; set; }

    /// <summary>Dead letters that were to be redriven.</summary>
    public int DeadLetters { get; set; }

    /// <summary>Redrives that were ordered.</summary>
    public int Redrives { get; set; }

    /// <summary>What a peer told that nobody can believe.</summary>
    public int Nonsense { get; set; }

    /// <summary>What struck a node of a cluster, and the state that a breaker was in; null if none was in the one that was drawn.</summary>
    public List<(string Name, Victim Victim, BreakerState? State)> ClusterFaults { get; } = [];

    public void ClusterFault(string name, Victim victim, BreakerState? state) => ClusterFaults.Add((name, victim, state));
}
