namespace Messaging.Breaker.DeadLetters;

/// <summary>What a broker does for dead letters. Thread-safe.</summary>
interface IDeadLetterBroker
{
    /// <summary>Begins to work on a queue, as the only one of the fleet.</summary>
    /// <returns>Null if there is no such queue.</returns>
    /// <exception cref="DeadLetterException">Another works on it, a permission is missing, or the broker cannot be reached.</exception>
    /// <exception cref="ConnectionLostException">The broker cannot be reached at the moment.</exception>
    Task<IDeadLetterSession?> OpenAsync(string queue, CancellationToken cancellationToken);
}

/// <summary>
/// Work on one queue. What was read and not settled goes back to its place when the session ends, whatever ends it. For one caller at a
/// time; every member may end in a <see cref="ConnectionLostException"/>, or in a <see cref="DeadLetterException"/> that says why not.
/// </summary>
interface IDeadLetterSession : IAsyncDisposable
{
    /// <summary>Messages that were there when the session began.</summary>
    long Found { get; }

    /// <summary>Consumers of the queue when the session began.</summary>
    int OtherConsumers { get; }

    /// <summary>Whether it has held its messages for so long that the broker may soon take them back: then it is to be ended, and another begun.</summary>
    bool IsStale { get; }

    /// <summary>Reads what was there when the session began, from the head, once.</summary>
    /// <param name="most">No more than that.</param>
    /// <param name="onlyLooks">Nothing will be settled.</param>
    /// <param name="keepsBody">Whether a message's body is needed; asked before the message is returned.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    IAsyncEnumerable<DeadLetter> ReadAsync(int most, bool onlyLooks, Func<DeadLetter, bool> keepsBody, CancellationToken cancellationToken);

    /// <summary>The queue to which a message goes back, or the reason why there is none.</summary>
    /// <param name="letter">The message.</param>
    /// <param name="otherwise">The queue of those that do not say where they come from.</param>
    (string? Queue, string? Problem) TargetOf(DeadLetter letter, string? otherwise);

    /// <summary>Publishes copies in that order, marked with the run, and returns when the broker has confirmed or refused each.</summary>
    Task<IReadOnlyList<MoveResult>> PublishAsync(IReadOnlyList<DeadLetter> letters, string target, Guid run, CancellationToken cancellationToken);

    /// <summary>Takes messages out of the queue.</summary>
    Task SettleAsync(IEnumerable<DeadLetter> letters, CancellationToken cancellationToken);

    /// <summary>How many messages wait in a queue.</summary>
    /// <returns>Null if there is no such queue.</returns>
    Task<long?> CountAsync(string queue, CancellationToken cancellationToken);

    /// <summary>Calls back for each message of a run that is dead-lettered again on whichever instance, until the session ends.</summary>
    /// <param name="queue">The queue into which they go.</param>
    /// <param name="run">The run.</param>
    /// <param name="failed">Told the failure; not by several threads at once.</param>
    /// <param name="cancellationToken">Ends the attempt to listen.</param>
    /// <returns>False if that cannot be listened to.</returns>
    Task<bool> ListenAsync(string queue, Guid run, Action<FaultDetails> failed, CancellationToken cancellationToken);
}

/// <summary>What became of a copy.</summary>
enum MoveResult
{
    /// <summary>The broker has it.</summary>
    Confirmed,

    /// <summary>There is no such queue.</summary>
    Gone,

    /// <summary>The queue took it not, as one that is full and rejects what is published.</summary>
    Refused,
}

/// <summary>The connection to the broker is lost; what was not settled is where it was.</summary>
sealed class ConnectionLostException(string message, Exception? cause) : Exception(message, cause);
