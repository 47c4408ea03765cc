namespace Messaging.Breaker.QueueDepth;

/// <summary>A broker that tells the depth of queues.</summary>
interface IQueueSource : IAsyncDisposable
{
    /// <summary>Where it is, without credentials.</summary>
    string Description { get; }

    /// <summary>Reads the queues that are there; those that are not are left out.</summary>
    /// <param name="queues">The queues that should be there.</param>
    /// <param name="others">Those of which nobody expects that: their absence is not worth a word.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<IReadOnlyList<QueueReading>> ReadAsync(IReadOnlyCollection<string> queues, IReadOnlyCollection<string> others, CancellationToken cancellationToken);
}
