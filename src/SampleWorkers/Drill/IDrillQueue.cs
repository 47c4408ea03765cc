using MassTransit;
using SampleWorkers.Transport;

namespace SampleWorkers.Drill;

/// <summary>What can be read of the drill's queue from outside the worker.</summary>
interface IDrillQueue : IAsyncDisposable
{
    /// <summary>What cannot be read here, and why.</summary>
    IReadOnlyList<string> Notes { get; }

    /// <summary>The address to which a worker connects; null in memory.</summary>
    BrokerAddress? AddressFor(string worker);

    /// <summary>Reports the worker and the prefetch of every consumer that is started on the queue, where that can be seen.</summary>
    void WatchConsumers(Action<string, int> started);

    /// <summary>Adds a counter of messages to a worker's bus, where nothing else counts them.</summary>
    void ConfigureBus(IBusFactoryConfigurator bus);

    /// <summary>Called when the workers have started and before the first message.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Null if the transport cannot tell, or not now.</summary>
    Task<QueueReading?> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Null if the transport cannot tell, or not now, or if there is nothing new.</summary>
    Task<long?> ReadUnackedAsync(CancellationToken cancellationToken);

    /// <summary>Of the readings of unacknowledged messages that begin after some point in time: how many may show the state before it.</summary>
    int OldReadings { get; }

    /// <summary>How many messages have left the queue without being handled; null if the transport cannot tell now.</summary>
    Task<long?> CountSetAsideAsync(CancellationToken cancellationToken);

    /// <summary>The queues of single keys, and the messages that wait in them; null if the transport cannot tell, or not now.</summary>
    Task<Parked?> ReadParkedAsync(CancellationToken cancellationToken);

    /// <summary>Collects what is left behind. Called when the workers have ended.</summary>
    Task<Leftovers> CollectAsync(CancellationToken cancellationToken);
}

readonly record struct Parked(int Queues, long Messages);

readonly record struct QueueReading(long Ready, long Consumers);

/// <param name="Queued">Orders still in the queue.</param>
/// <param name="Faults">How many <c>Fault&lt;OrderPlaced&gt;</c> were published.</param>
sealed record Leftovers(
    IReadOnlyCollection<Guid> Queued, IReadOnlyCollection<Guid> DeadLettered, IReadOnlyCollection<Guid> Skipped, long Faults);
