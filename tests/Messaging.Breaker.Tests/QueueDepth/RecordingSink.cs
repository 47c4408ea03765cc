using System.Collections.Concurrent;

namespace Messaging.Breaker.Tests.QueueDepth;

/// <summary>Records the alerts that it receives: "+" and the key for a raised alert, "-" and the key for a cleared one.</summary>
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
