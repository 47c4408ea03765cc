namespace Messaging.Breaker.QueueDepth;

/// <summary>What is known of the queue that the failed messages of a queue go to. Thread-safe.</summary>
interface IErrorQueues
{
    /// <summary>The name of that queue, which may not have been declared yet; null if dead letters are not available.</summary>
    string? Of(string queue);

    /// <summary>How many messages of the queue this process has seen go there.</summary>
    long CountOf(string queue);

    /// <summary>The most frequent kind in the last minutes, in words; null if this process has seen none.</summary>
    string? LargestOf(string queue);
}
