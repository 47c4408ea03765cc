namespace Messaging.Breaker.DeadLetters;

/// <summary>A broker's operations for dead letters. Thread-safe.</summary>
interface IDeadLetterBroker
{
    /// <summary>Begins work on a queue, exclusively within the fleet.</summary>
    /// <returns>Null if there is no such queue.</returns>
    /// <exception cref="DeadLetterException">Another instance works on it, a permission is missing, or the broker cannot be
    /// reached.</exception>
    /// <exception cref="ConnectionLostException">The broker cannot be reached at the moment.</exception>
    Task<IDeadLetterSession?> OpenAsync(string queue, CancellationToken cancellationToken);
}

/// <summary>
/// Work on one queue. Messages that were read but not settled go back to their place when the session ends, for whatever reason. For one caller
/// at a time. Every member may throw a <see cref="ConnectionLostException"/>, or a <see cref="DeadLetterException"/> that gives the reason.
/// </summary>
interface IDeadLetterSession : IAsyncDisposable
{
    /// <summary>The number of messages when the session began.</summary>
    long Found { get; }

    /// <summary>The number of consumers of the queue when the session began.</summary>
    int OtherConsumers { get; }

    /// <summary>
    /// Whether it has held its messages for so long that the broker may soon take them back. Then it has to be ended and another one begun.
    /// </summary>
    bool IsStale { get; }

    /// <summary>Reads the messages that were there when the session began, once each, from the head.</summary>
    /// <param name="most">The maximum number to read.</param>
    /// <param name="onlyLooks">Nothing will be settled.</param>
    /// <param name="keepsBody">Whether a message's body is needed; asked before the message is returned.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    IAsyncEnumerable<DeadLetter> ReadAsync(int most, bool onlyLooks, Func<DeadLetter, bool> keepsBody, CancellationToken cancellationToken);

    /// <summary>The queue that a message goes back to, or the reason why there is none.</summary>
    /// <param name="letter">The message.</param>
    /// <param name="otherwise">The queue for messages that do not say where they come from.</param>
    (string? Queue, string? Problem) TargetOf(DeadLetter letter, string? otherwise);

    /// <summary>Publishes copies in this order, marked with the run, and returns when the broker has confirmed or refused each one.</summary>
    Task<IReadOnlyList<MoveResult>> PublishAsync(IReadOnlyList<DeadLetter> letters, string target, Guid run, CancellationToken cancellationToken);

    /// <summary>Removes messages from the queue.</summary>
    Task SettleAsync(IEnumerable<DeadLetter> letters, CancellationToken cancellationToken);

    /// <summary>How many messages wait in a queue.</summary>
    /// <returns>Null if there is no such queue.</returns>
    Task<long?> CountAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Calls back for each message of a run that is dead-lettered again, on any instance, until the session ends.</summary>
    /// <param name="queue">The queue that they go to.</param>
    /// <param name="run">The run.</param>
    /// <param name="failed">Gets the failure; never called on several threads at once.</param>
    /// <param name="cancellationToken">Ends the attempt to listen.</param>
    /// <returns>False if listening is not possible.</returns>
    Task<bool> ListenAsync(string queue, Guid run, Action<FaultDetails> failed, CancellationToken cancellationToken);
}

/// <summary>The result of publishing a copy.</summary>
enum MoveResult
{
    /// <summary>The broker has it.</summary>
    Confirmed,

    /// <summary>There is no such queue.</summary>
    Gone,

    /// <summary>The queue did not accept it, for example because it is full and rejects publishes.</summary>
    Refused,
}

/// <summary>The connection to the broker is lost; messages that were not settled are unchanged.</summary>
sealed class ConnectionLostException(string message, Exception? cause) : Exception(message, cause);
