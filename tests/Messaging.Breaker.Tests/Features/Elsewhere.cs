using MassTransit;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Features;

public sealed record Elsewhere(Guid Id)
{
    /// <summary>Waits until a message has gone through the bus. By then, whatever would happen at once has happened.</summary>
    internal static async Task RoundTripAsync(Pipeline pipeline)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var endpoint = pipeline.Bus.ConnectReceiveEndpoint($"elsewhere-{Guid.NewGuid():N}", elsewhere => elsewhere.Handler<Elsewhere>(_ =>
        {
            arrived.TrySetResult();
            return Task.CompletedTask;
        }));
        await endpoint.Ready;
        await pipeline.Bus.Publish(new Elsewhere(Guid.NewGuid()));
        await arrived.Task;
    }
}
