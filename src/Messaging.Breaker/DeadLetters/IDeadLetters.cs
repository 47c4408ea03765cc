namespace Messaging.Breaker;

/// <summary>
/// The way back from <c>_error</c> and <c>_skipped</c>: lists the messages there in groups, and moves them back to the queue they came from
/// while the endpoint's breakers are closed. RabbitMQ only: queues of other transports are not offered. Thread-safe; a singleton in the
/// container.
/// </summary>
/// <remarks>
/// One instance of the fleet at a time works on a queue. No message is taken out of a queue before the broker has confirmed its copy, so
/// that a crash at any point leaves at least one of the two.
/// </remarks>
public interface IDeadLetters
{
    /// <summary>
    /// The queues that are offered: <c>_error</c> and <c>_skipped</c> of each guarded endpoint, and those that you named. Whether a queue
    /// exists is only checked when it is read.
    /// </summary>
    IReadOnlyList<DeadLetterSource> Queues { get; }

    /// <summary>
    /// The redrives and discards of this instance since it started, including those in progress, the latest first; at most 200.
    /// </summary>
    IReadOnlyList<DeadLetterRun> Runs { get; }

    /// <summary>
    /// The ledger: the runs of all instances and the trips of their breakers, if the breakers share a store that keeps it; otherwise those
    /// of this instance. If the store does not answer, the call takes <see cref="SharingOptions.StoreTimeout"/>, and the ledger lacks the
    /// entries of other instances.
    /// </summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    Task<DeadLetterLedger> ReadLedgerAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads a queue and groups its messages by exception type, message type and text. It keeps the order, and uses up no delivery of a
    /// queue that counts them: if returning a message would exceed the limit, the message is published again before it is acknowledged.
    /// </summary>
    /// <param name="queue">The queue's name. A queue that does not exist has no messages.</param>
    /// <param name="options">Options of the look; null for the defaults.</param>
    /// <param name="progress">Gets the number of messages read so far, every thousand.</param>
    /// <param name="cancellationToken">Ends the look; the messages stay where they are.</param>
    /// <exception cref="KeyNotFoundException">The queue is not offered; the message lists those that are.</exception>
    /// <exception cref="DeadLetterException">
    /// The queue cannot be read: it is being worked on, a permission is missing, or the broker is away.
    /// </exception>
    Task<DeadLetterReport> LookAsync(
        string queue, LookOptions? options = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves messages back to the queue they came from. It removes MassTransit's headers about the failure, and adds the header
    /// <c>x-breaker-redriven</c> with the number of redrives. Messages move only while the breakers of that endpoint are closed, and never
    /// when more than <see cref="RedriveOrder.MaxWaiting"/> wait there. It ends when the selected messages are moved and their outcome is
    /// known, or when too many fail again.
    /// </summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="order">Which messages, why, and how fast.</param>
    /// <param name="progress">Called whenever the run has changed.</param>
    /// <param name="cancellationToken">
    /// Ends the run. Messages that were moved stay moved, and the others stay in place. No exception is thrown.
    /// </param>
    /// <returns>The run as it ended.</returns>
    /// <exception cref="KeyNotFoundException">The queue is not offered; the message lists those that are.</exception>
    /// <exception cref="ArgumentException">The order has no reason, or a figure is out of range.</exception>
    /// <exception cref="DeadLetterException">
    /// The queue cannot be read: it is being worked on, a permission is missing, or the broker is away.
    /// </exception>
    Task<DeadLetterRun> RedriveAsync(
        string queue, RedriveOrder order, IProgress<DeadLetterRun>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Removes messages after writing each one to a file; without a file only if that was confirmed a second time.</summary>
    /// <param name="queue">The queue's name.</param>
    /// <param name="order">Which messages, why, and the file.</param>
    /// <param name="progress">Called whenever the run has changed.</param>
    /// <param name="cancellationToken">Ends the run. The messages that were removed are in the file. No exception is thrown.</param>
    /// <returns>The run as it ended.</returns>
    /// <exception cref="KeyNotFoundException">The queue is not offered; the message lists those that are.</exception>
    /// <exception cref="ArgumentException">The order has no reason, or neither a file nor the confirmation to work without one.</exception>
    /// <exception cref="DeadLetterException">The queue cannot be read, or the file cannot be written.</exception>
    Task<DeadLetterRun> DiscardAsync(
        string queue, DiscardOrder order, IProgress<DeadLetterRun>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Ends a run that is in progress on this instance, as its cancellation token does.</summary>
    /// <param name="run">The run's <see cref="DeadLetterRun.Id"/>.</param>
    /// <returns>False if no such run is in progress here.</returns>
    bool Cancel(Guid run);
}
