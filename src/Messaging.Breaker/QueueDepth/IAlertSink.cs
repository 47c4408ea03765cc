namespace Messaging.Breaker;

/// <summary>
/// Takes alerts to where people are told. Add any number to the container as singletons: <c>services.AddSingleton&lt;IAlertSink, MySink&gt;()</c>.
/// Each sink gets its events one after another and in order, on a queue of its own, so that a slow or failing one holds up neither the
/// monitor nor the others; one that throws is logged, and an event that takes longer than two minutes is cancelled. Of a fleet that shares a
/// store one instance tells its sinks, and another goes on when it dies; without a store every instance tells its own alerts: tell them apart, or do not, by
/// <see cref="QueueAlertRaised.Key"/>.
/// </summary>
public interface IAlertSink
{
    /// <summary>An alert was raised, its severity has risen, or the keys that it names are others.</summary>
    /// <param name="raised">The alert, with the key that its clearing will carry.</param>
    /// <param name="cancellationToken">Cancelled when it takes too long, or the host stops.</param>
    Task RaiseAsync(QueueAlertRaised raised, CancellationToken cancellationToken);

    /// <summary>An alert was cleared.</summary>
    /// <param name="cleared">The alert as it was last, and when it ended.</param>
    /// <param name="cancellationToken">Cancelled when it takes too long, or the host stops.</param>
    Task ClearAsync(QueueAlertCleared cleared, CancellationToken cancellationToken);
}
