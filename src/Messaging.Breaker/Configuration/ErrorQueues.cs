using Messaging.Breaker.DeadLetters;
using Messaging.Breaker.QueueDepth;

namespace Messaging.Breaker.Configuration;

/// <summary>Tells the queue monitor about dead letters.</summary>
sealed class ErrorQueues(KnownQueues queues, TripRecorder trips) : IErrorQueues
{
    public string? Of(string queue) => queues.Knows(queue) ? queues.ErrorQueueOf(queue) : null;

    public long CountOf(string queue) => trips.Of(queue).Total;

    public string? LargestOf(string queue) => trips.Of(queue).Largest is { } largest
        ? $"{(largest.Exception is { } exception ? $"{exception}: " : "")}{largest.Text}"
        : null;
}
