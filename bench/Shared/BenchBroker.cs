using Messaging.Breaker.IntegrationTests.Infrastructure;

namespace Messaging.Breaker.Bench;

/// <summary>The RabbitMQ that a benchmark runs on: the one that was named, or a private node.</summary>
sealed class BenchBroker : IAsyncDisposable
{
    readonly NodeScript? _node;

    BenchBroker(Uri address, NodeScript? node) => (Address, _node) = (address, node);

    public Uri Address { get; }

    /// <exception cref="NoBrokerException">No broker was named, and none is installed or it does not start.</exception>
    public static async Task<BenchBroker> GetAsync(Uri? named)
    {
        if (named is not null)
            return new BenchBroker(named, null);
        var node = NodeScript.InNewDirectory("broker.sh");
        try
        {
            return new BenchBroker(new Uri((await node.StartAsync()).Split('\n')[0]), node);
        }
        catch (InvalidOperationException exception)
        {
            throw new NoBrokerException(exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.RunAsync("remove");
    }
}

sealed class NoBrokerException(Exception cause)
    : Exception($"RabbitMQ is needed. {cause.Message.Trim()} Or name a running one: --broker amqp://guest:guest@localhost:5672/", cause);
