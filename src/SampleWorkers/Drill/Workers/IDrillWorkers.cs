using MassTransit;
using Messaging.Breaker;

namespace SampleWorkers.Drill.Workers;

/// <summary>The workers that handle the orders of a drill.</summary>
interface IDrillWorkers : IAsyncDisposable
{
    /// <summary>Places the orders.</summary>
    IPublishEndpoint Publisher { get; }

    /// <summary>Redrives messages from <c>_error</c>; null where the workers are other processes.</summary>
    IDeadLetters? DeadLetters { get; }

    /// <summary>How often the endpoint was seen to stop running; null where the workers are other processes.</summary>
    int? Pauses { get; }

    /// <summary>Problems with the workers.</summary>
    IReadOnlyList<string> Notes { get; }

    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stops the workers and lets messages in flight finish. Returns when all have ended, however they did.</summary>
    Task StopAsync();
}
