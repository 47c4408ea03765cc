namespace Messaging.Breaker.QueueDepth;

/// <summary>Tells the sinks of alerts, for this instance or for its whole fleet. Thread-safe; never waits.</summary>
interface IAlertSender
{
    /// <summary>Takes the alerts that were cleared and raised, and all raised alerts by key.</summary>
    void Tell(
        IReadOnlyList<QueueAlertCleared> cleared, IReadOnlyList<QueueAlertRaised> raised, IReadOnlyDictionary<string, QueueAlertRaised> all, AlertDelivery delivery);
}
