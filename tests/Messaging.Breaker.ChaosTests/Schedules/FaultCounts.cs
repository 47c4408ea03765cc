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
}
