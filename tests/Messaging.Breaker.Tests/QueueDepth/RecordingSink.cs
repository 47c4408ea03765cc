using System.Collections.Concurrent;

namespace Messaging.Breaker.Tests.QueueDepth;

/// <summary>Remembers what it was told: "+" and the key for a raised alert, "-" for a cleared one.</summary>
sealed class RecordingSink : IAlertSink
{
    public ConcurrentQueue<string> Events { get; } = [];

    public async Task RaiseAsync(QueueAlertRaised raised, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Events.Enqueue($"+{raised.Key}");
    }

    public Task ClearAsync(QueueAlertCleared cleared, CancellationToken cancellationToken)
    {
        Events.Enqueue($"-{cleared.Key}");
        return Task.CompletedTask;
    }
}
