namespace Messaging.Breaker;

/// <summary>
/// The watched queues: those of guarded endpoints, and any others that you named. Thread-safe; a singleton in the container.
/// </summary>
public interface IQueueMonitor
{
    /// <summary>The latest sample of each queue that could be read.</summary>
    IReadOnlyList<QueueSnapshot> Queues { get; }
}
