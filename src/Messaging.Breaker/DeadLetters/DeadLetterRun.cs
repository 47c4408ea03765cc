namespace Messaging.Breaker;

/// <summary>What was done to the messages of a queue.</summary>
public enum DeadLetterAction
{
    /// <summary>They went back to the queue that they came from.</summary>
    Redrive,

    /// <summary>They were removed.</summary>
    Discard,
}

/// <summary>Where a run stands.</summary>
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

    /// <summary>It gave up: too many messages failed again, or it could not go on.</summary>
    Stopped,
}

/// <summary>An entry of the ledger: one redrive or discard at one moment.</summary>
public sealed record DeadLetterRun
{
    /// <summary>By this it can be cancelled.</summary>
    public required Guid Id { get; init; }

    /// <summary>Redrive or discard.</summary>
    public required DeadLetterAction Action { get; init; }

    /// <summary>The queue that is read.</summary>
    public required string Queue { get; init; }

    /// <summary>The group that was chosen; null for no particular one.</summary>
    public string? Group { get; init; }

    /// <summary>Who ordered it.</summary>
    public required string By { get; init; }

    /// <summary>The instance that does it: only there can it be cancelled. By its name in the fleet; without a fleet, the machine and the process.</summary>
    public string Instance { get; init; } = "";

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>Where it stands.</summary>
    public required DeadLetterRunState State { get; init; }

    /// <summary>What it waits for, or why it ended, in words; empty if there is nothing to say.</summary>
    public string Detail { get; init; } = "";

    /// <summary>When it began (UTC).</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>When it ended (UTC); null while it is under way.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Messages that were there when it began.</summary>
    public long Found { get; init; }

    /// <summary>Messages that it has read.</summary>
    public long Read { get; init; }

    /// <summary>Messages that it has moved, or removed.</summary>
    public long Moved { get; init; }

    /// <summary>Messages of those moved that were dead-lettered again. Seen across the fleet where the <c>_error</c> exchange can be listened to, and otherwise in this instance.</summary>
    public long FailedAgain { get; init; }

    /// <summary>How often it had to wait for a breaker.</summary>
    public int Pauses { get; init; }

    /// <summary>What could not be moved and stays where it is, in words, with how many; at most 20.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>The file with what was removed; null if there is none.</summary>
    public string? File { get; init; }
}
