namespace Messaging.Breaker.QueueDepth;

/// <summary>Who tells the sinks of alerts: this instance, or one for its whole fleet. Thread-safe; waits for nothing.</summary>
interface IAlertVoice
{
    /// <summary>What has been cleared and raised, and all that is raised now by its key.</summary>
    void Tell(
        IReadOnlyList<QueueAlertCleared> cleared, IReadOnlyList<QueueAlertRaised> raised, IReadOnlyDictionary<string, QueueAlertRaised> all, AlertDelivery delivery);
}
