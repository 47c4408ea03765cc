namespace Messaging.Breaker;

/// <summary>
/// The way back from <c>_error</c> and <c>_skipped</c>: what lies there, in groups, and how it goes back to the queue that it came from while the
/// endpoint's breakers are closed. On RabbitMQ; queues of other transports are not offered. Thread-safe; a singleton in the container.
/// </summary>
/// <remarks>
/// One instance of the fleet at a time works on a queue. Nothing is ever taken out of one before its copy is confirmed by the broker, so that a
/// crash at any point leaves at least one of the two.
/// </remarks>
public interface IDeadLetters
{
    /// <summary>The queues that are offered: <c>_error</c> and <c>_skipped</c> of each guarded endpoint, and those that were named. Whether they exist is seen when they are looked at.</summary>
    IReadOnlyList<DeadLetterSource> Queues { get; }

    /// <summary>What was redriven and discarded by this instance since it started, the latest first, those that are under way included; at most 200.</summary>
    IReadOnlyList<DeadLetterRun> Runs { get; }

    /// <summary>
    /// The ledger: the runs of all instances and the trips of their breakers, where the breakers are shared by a store that keeps it; otherwise those of
    /// this instance. A store that does not answer costs its <see cref="SharingOptions.StoreTimeout"/> and what only the others did.
    /// </summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<DeadLetterLedger> ReadLedgerAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads a queue and groups its messages by exception type, message type and text. It keeps the order, and spends no delivery of a queue
    /// that counts them: where its return would be the one too many, a message is published anew before it is acknowledged.
    /// </summary>
    /// <param name="queue">The queue's name. One that does not exist has no messages.</param>
    /// <param name="options">What is looked for; without it the defaults serve.</param>
    /// <param name="progress">Told how many messages have been read, every thousand.</param>
    /// <param name="cancellationToken">Ends the look; the messages stay where they are.</param>
    /// <exception cref="KeyNotFoundException">The queue is not offered; the message lists those that are.</exception>
    /// <exception cref="DeadLetterException">The queue cannot be read: it is being worked on, a permission is missing, or the broker is away.</exception>
    Task<DeadLetterReport> LookAsync(
        string queue, LookOptions? options = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves messages back to the queue that they came from, without what MassTransit noted of their failure, and marked by the header
    /// <c>x-breaker-redriven</c> with how often. Only while the breakers of that endpoint are closed, and never more than
    /// <see cref="RedriveOrder.MaxWaiting"/> ahead of it. Ends when the selected messages are moved and what became of them is known, or when
    /// too many fail again.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="order">Which messages, why, and how fast.</param>
    /// <param name="progress">Told whenever the run has changed.</param>
    /// <param name="cancellationToken">Ends the run. What was moved is moved, the rest is where it was; no exception is thrown.</param>
    /// <returns>The run as it ended.</returns>
    /// <exception cref="KeyNotFoundException">The queue is not offered; the message lists those that are.</exception>
    /// <exception cref="ArgumentException">The order has no reason, or a figure that is out of range.</exception>
    /// <exception cref="DeadLetterException">The queue cannot be read: it is being worked on, a permission is missing, or the broker is away.</exception>
    Task<DeadLetterRun> RedriveAsync(
        string queue, RedriveOrder order, IProgress<DeadLetterRun>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Removes messages, each after it has been written to a file; without one only if that was confirmed a second time.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="order">Which messages, why, and into which file.</param>
    /// <param name="progress">Told whenever the run has changed.</param>
    /// <param name="cancellationToken">Ends the run. What was removed is in the file; no exception is thrown.</param>
    /// <returns>The run as it ended.</returns>
    /// <exception cref="KeyNotFoundException">The queue is not offered; the message lists those that are.</exception>
    /// <exception cref="ArgumentException">The order has no reason, or neither a file nor the confirmation to do without.</exception>
    /// <exception cref="DeadLetterException">The queue cannot be read, or the file not written.</exception>
    Task<DeadLetterRun> DiscardAsync(
        string queue, DiscardOrder order, IProgress<DeadLetterRun>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Ends a run that is under way in this instance, as its cancellation does.</summary>
    /// <param name="run">The run's <see cref="DeadLetterRun.Id"/>.</param>
    /// <returns>False if no such run is under way here.</returns>
    bool Cancel(Guid run);
}
