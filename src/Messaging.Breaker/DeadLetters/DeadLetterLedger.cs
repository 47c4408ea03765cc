namespace Messaging.Breaker;

/// <summary>
/// Redrives, discards and trips: of all instances if the fleet's store keeps the ledger, otherwise of this instance since it started.
/// </summary>
public sealed record DeadLetterLedger
{
    /// <summary>Redrives and discards, including those in progress, the latest first; at most 200.</summary>
    public required IReadOnlyList<DeadLetterRun> Runs { get; init; }

    /// <summary>Trips of breakers, the latest first; at most 200.</summary>
    public required IReadOnlyList<DeadLetterTrip> Trips { get; init; }

    /// <summary>Why the entries of other instances are missing; null if they are there, or if there are no other instances.</summary>
    public string? Problem { get; init; }
}

/// <summary>
/// A trip of a breaker as one instance saw it, from when the breaker left Closed until it returned there, with the messages that ended in
/// <c>_error</c> of its endpoints. Listed by the instance that decided, and by each instance on which a message ended there.
/// </summary>
public sealed record DeadLetterTrip
{
    /// <summary>The same for the same trip on the same instance.</summary>
    public required Guid Id { get; init; }

    /// <summary>The breaker.</summary>
    public required string Breaker { get; init; }

    /// <summary>The instance that counted.</summary>
    public string Instance { get; init; } = "";

    /// <summary>Why it tripped.</summary>
    public required string Reason { get; init; }

    /// <summary>When it left Closed (UTC).</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>When it closed (UTC); null if it has not closed yet.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How often it reopened.</summary>
    public int Reopens { get; init; }

    /// <summary>Messages that ended in <c>_error</c> during the trip, and those that ended there in a row right before it.</summary>
    public long DeadLetters { get; init; }

    /// <summary>The most frequent kinds of these messages, the largest first; at most 10.</summary>
    public IReadOnlyList<DeadLetterTripGroup> Groups { get; init; } = [];
}

/// <summary>Messages that failed in the same way during a trip.</summary>
public sealed record DeadLetterTripGroup
{
    /// <summary>The exception's type; null if it is not known.</summary>
    public required string? Exception { get; init; }

    /// <summary>The exception's text, without its variable parts.</summary>
    public required string Text { get; init; }

    /// <summary>How many there were.</summary>
    public required long Count { get; init; }
}
