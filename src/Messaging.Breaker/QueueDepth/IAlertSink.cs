namespace Messaging.Breaker;

/// <summary>
/// Delivers alerts. Add any number to the container as singletons: <c>services.AddSingleton&lt;IAlertSink, MySink&gt;()</c>. Each sink gets
/// its events in order, one at a time, from a separate queue, so that a slow or failing sink delays neither the monitor nor the others. If
/// a sink throws, that is logged. An event that takes longer than two minutes is cancelled. In a fleet that shares a store, one instance
/// calls its sinks, and another takes over when it dies. Without a store, every instance sends its own alerts;
/// <see cref="QueueAlertRaised.Key"/> is the same on all of them.
/// </summary>
public interface IAlertSink
{
    /// <summary>An alert was raised, its severity has risen, or it names other keys.</summary>
    /// <param name="raised">The alert, with the key that will be used when it is cleared.</param>
    /// <param name="cancellationToken">Cancelled when the call takes too long, or when the host stops.</param>
    Task RaiseAsync(QueueAlertRaised raised, CancellationToken cancellationToken);

    /// <summary>An alert was cleared.</summary>
    /// <param name="cleared">The last version of the alert, and when it ended.</param>
    /// <param name="cancellationToken">Cancelled when the call takes too long, or when the host stops.</param>
    Task ClearAsync(QueueAlertCleared cleared, CancellationToken cancellationToken);
}
