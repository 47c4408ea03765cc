namespace Messaging.Breaker.QueueDepth;

/// <summary>A broker that reports the depth of queues.</summary>
interface IQueueSource : IAsyncDisposable
{
    /// <summary>Its address, without credentials.</summary>
    string Description { get; }

    /// <summary>Reads the queues that exist; missing ones are left out.</summary>
    /// <param name="queues">The queues that should exist.</param>
    /// <param name="others">Queues that need not exist: if one is missing, that is not logged.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<IReadOnlyList<QueueReading>> ReadAsync(IReadOnlyCollection<string> queues, IReadOnlyCollection<string> others, CancellationToken cancellationToken);
}
