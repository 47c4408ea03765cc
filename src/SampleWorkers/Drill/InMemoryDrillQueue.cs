using MassTransit;
using SampleWorkers.Transport;

namespace SampleWorkers.Drill;

/// <summary>The in-memory transport has no broker to ask. Only the messages that it set aside can be counted, by receiving them.</summary>
sealed class InMemoryDrillQueue(string queue) : IDrillQueue
{
    readonly InMemoryDeadLetters _deadLetters = new(queue);

    public IReadOnlyList<string> Notes { get; } =
        ["quietAfterMs, consumersWhileOpen, unackedWhileOpen, probePrefetch: the in-memory transport has no broker to ask"];

    public int OldReadings => 0;

    public BrokerAddress? AddressFor(string worker) => null;

    public void WatchConsumers(Action<string, int> started)
    {
    }

    public void ConfigureBus(IBusFactoryConfigurator bus) => _deadLetters.Configure(bus);

    public Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<QueueReading?> ReadAsync(CancellationToken cancellationToken) => Task.FromResult<QueueReading?>(null);

    public Task<long?> ReadUnackedAsync(CancellationToken cancellationToken) => Task.FromResult<long?>(null);

    public Task<long?> CountSetAsideAsync(CancellationToken cancellationToken) =>
        Task.FromResult<long?>(_deadLetters.DeadLettered.Count + _deadLetters.Skipped.Count);

    public Task<Parked?> ReadParkedAsync(CancellationToken cancellationToken) => Task.FromResult<Parked?>(null);

    public Task<Leftovers> CollectAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new Leftovers([], _deadLetters.DeadLettered, _deadLetters.Skipped, _deadLetters.Faults));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
