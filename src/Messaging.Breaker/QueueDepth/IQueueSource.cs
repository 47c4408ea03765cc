namespace Messaging.Breaker.QueueDepth;

/// <summary>A broker that tells the depth of queues.</summary>
interface IQueueSource : IAsyncDisposable
{
    /// <summary>Where it is, without credentials.</summary>
    string Description { get; }

    /// <summary>Reads the queues that are there; those that are not are left out.</summary>
    Task<IReadOnlyList<QueueReading>> ReadAsync(IReadOnlyCollection<string> queues, CancellationToken cancellationToken);
}
