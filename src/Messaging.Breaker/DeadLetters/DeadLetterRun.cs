namespace Messaging.Breaker;

/// <summary>What was done to the messages of a queue.</summary>
public enum DeadLetterAction
{
    /// <summary>They went back to the queue they came from.</summary>
    Redrive,

    /// <summary>They were removed.</summary>
    Discard,
}

/// <summary>The state of a run.</summary>
public enum DeadLetterRunState
{
    /// <summary>It moves messages.</summary>
    Running,

    /// <summary>It waits: a breaker is open, an operator holds the endpoint, the target is full, or the broker is away.</summary>
    Paused,

    /// <summary>All selected messages are moved.</summary>
    Completed,

    /// <summary>It was cancelled.</summary>
    Cancelled,

    /// <summary>It gave up: too many messages failed again, or it could not continue.</summary>
    Stopped,
}

/// <summary>An entry of the ledger: one redrive or discard at one moment.</summary>
public sealed record DeadLetterRun
{
    /// <summary>The id, with which the run can be cancelled.</summary>
    public required Guid Id { get; init; }

    /// <summary>Redrive or discard.</summary>
    public required DeadLetterAction Action { get; init; }

    /// <summary>The queue that is read.</summary>
    public required string Queue { get; init; }

    /// <summary>The group that was chosen; null if all groups were.</summary>
    public string? Group { get; init; }

    /// <summary>Who ordered it.</summary>
    public required string By { get; init; }

    /// <summary>
    /// The instance that does the run. The run can only be cancelled there. This is the instance's name in the fleet or, without a fleet,
    /// the machine and the process.
    /// </summary>
    public string Instance { get; init; } = "";

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Its state.</summary>
    public required DeadLetterRunState State { get; init; }

    /// <summary>What it waits for, or why it ended, in words; may be empty.</summary>
    public string Detail { get; init; } = "";

    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>When it ended (UTC); null while it is in progress.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Messages that were there when it began.</summary>
    public long Found { get; init; }

    /// <summary>Messages that it has read.</summary>
    public long Read { get; init; }

    /// <summary>Messages that it has moved, or removed.</summary>
    public long Moved { get; init; }

    /// <summary>
    /// How many of the moved messages were dead-lettered again. Counted across the fleet if the <c>_error</c> exchange can be listened to,
    /// otherwise on this instance.
    /// </summary>
    public long FailedAgain { get; init; }

    /// <summary>How often it had to wait for a breaker.</summary>
    public int Pauses { get; init; }

    /// <summary>What could not be moved and stays in place, in words and with the number of messages; at most 20.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>The file with the removed messages; null if there is none.</summary>
    public string? File { get; init; }
}
