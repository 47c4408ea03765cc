using MassTransit;
using SampleWorkers.Transport;

namespace SampleWorkers.Drill;

/// <summary>What can be read, from outside the worker, of the queue that the drill works on.</summary>
interface IDrillQueue : IAsyncDisposable
{
    /// <summary>What cannot be read here, and why.</summary>
    IReadOnlyList<string> Notes { get; }

    /// <summary>Where a worker is to connect; null in memory.</summary>
    BrokerAddress? AddressFor(string worker);

    /// <summary>Tells the worker and the prefetch of every consumer that is started on the queue, where that can be seen.</summary>
    void WatchConsumers(Action<string, int> started);

    /// <summary>Adds to a worker's bus what counts its messages, where nobody else does.</summary>
    void ConfigureBus(IBusFactoryConfigurator bus);

    /// <summary>Called when the workers have started and before the first message.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Null where the transport does not tell, or not now.</summary>
    Task<QueueReading?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Null where the transport does not tell, or not now, or nothing new.</summary>
    Task<long?> ReadUnackedAsync(CancellationToken cancellationToken);

    /// <summary>Of the readings of unacknowledged messages that begin after some moment, how many may tell of what was before it.</summary>
    int OldReadings { get; }

    /// <summary>How many messages have left the queue otherwise than handled; null if the transport does not tell now.</summary>
    Task<long?> CountSetAsideAsync(CancellationToken cancellationToken);

    /// <summary>The queues of single keys, and what waits in them; null where the transport does not tell, or not now.</summary>
    Task<Parked?> ReadParkedAsync(CancellationToken cancellationToken);

    /// <summary>What is left behind. Called when the workers have ended.</summary>
    Task<Leftovers> CollectAsync(CancellationToken cancellationToken);
}

readonly record struct Parked(int Queues, long Messages);

readonly record struct QueueReading(long Ready, long Consumers);

/// <param name="Queued">Orders still in the queue.</param>
/// <param name="Faults">How many <c>Fault&lt;OrderPlaced&gt;</c> were published.</param>
sealed record Leftovers(
    IReadOnlyCollection<Guid> Queued, IReadOnlyCollection<Guid> DeadLettered, IReadOnlyCollection<Guid> Skipped, long Faults);
