using Messaging.Breaker.ChaosTests.Cluster;

namespace Messaging.Breaker.ChaosTests;

/// <summary>The node of one lane. It starts with the first schedule, because a lane without schedules needs no node.</summary>
public abstract class ChaosBroker(Func<Task<RabbitMqNode>> start) : IAsyncDisposable
{
    RabbitMqNode? _node;

    public async Task<RabbitMqNode> GetNodeAsync() => _node ??= await start();

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

public sealed class OrdinaryBroker() : ChaosBroker(() => TestBroker.StartNewAsync());

/// <summary>Closes the channel of a consumer that holds a message for more than five seconds.</summary>
public sealed class ImpatientBroker() : ChaosBroker(() => TestBroker.StartNewAsync("broker-short-consumer-timeout.config"));

/// <summary>For quorum queues on a broker that crashes; the configuration file says why.</summary>
public sealed class UsualTickBroker() : ChaosBroker(() => TestBroker.StartNewAsync("broker-usual-tick.config"));

public sealed class ClusterBroker() : ChaosBroker(RabbitMqCluster.StartNewAsync);
