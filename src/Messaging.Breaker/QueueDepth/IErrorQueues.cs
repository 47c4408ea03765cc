namespace Messaging.Breaker.QueueDepth;

/// <summary>What those who offer dead letters know of where the messages of a queue go that fail. Thread-safe.</summary>
interface IErrorQueues
{
    /// <summary>The name of that queue, which may not have been declared yet; null if none is offered.</summary>
    string? Of(string queue);

    /// <summary>How many messages of the queue this process has seen go there.</summary>
    long CountOf(string queue);

    /// <summary>The most frequent kind of the last minutes, in words; null if this process has seen none.</summary>
    string? LargestOf(string queue);
}
