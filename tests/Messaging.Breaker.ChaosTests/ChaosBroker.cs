namespace Messaging.Breaker.ChaosTests;

/// <summary>The node of one lane. Started for the first schedule: a lane without one needs none.</summary>
public abstract class ChaosBroker(string config) : IAsyncDisposable
{
    RabbitMqNode? _node;

    public async Task<RabbitMqNode> GetNodeAsync() => _node ??= await TestBroker.StartNewAsync(config);

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

public sealed class OrdinaryBroker() : ChaosBroker("broker.config");

/// <summary>Closes the channel of who holds a message for more than five seconds.</summary>
public sealed class ImpatientBroker() : ChaosBroker("broker-short-consumer-timeout.config");
