using MassTransit;
using Messaging.Breaker.Tests.Consuming;

namespace Messaging.Breaker.Tests.Features;

public sealed record Elsewhere(Guid Id)
{
    /// <summary>Takes the time of a message through the bus: what would have happened at once has happened by then.</summary>
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
