using MassTransit;
using Messaging.Breaker;

namespace SampleWorkers.Drill.Workers;

/// <summary>Who handles the orders of a drill.</summary>
interface IDrillWorkers : IAsyncDisposable
{
    /// <summary>Places the orders.</summary>
    IPublishEndpoint Publisher { get; }

    /// <summary>The way back from <c>_error</c>; null where the workers are other processes.</summary>
    IDeadLetters? DeadLetters { get; }

    /// <summary>How often the endpoint was seen not to run; null where the workers are other processes.</summary>
    int? Pauses { get; }

    /// <summary>What went wrong with a worker.</summary>
    IReadOnlyList<string> Notes { get; }

    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>In order: what is in flight ends. Returns when they have ended, however they did.</summary>
    Task StopAsync();
}
