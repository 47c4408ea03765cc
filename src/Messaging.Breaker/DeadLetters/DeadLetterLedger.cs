namespace Messaging.Breaker;

/// <summary>What was done about dead letters, and what outages have left: of all instances where the fleet's store keeps it, otherwise of this one since it started.</summary>
public sealed record DeadLetterLedger
{
    /// <summary>Redrives and discards, the latest first, those that are under way included; at most 200.</summary>
    public required IReadOnlyList<DeadLetterRun> Runs { get; init; }

    /// <summary>Trips of breakers, the latest first; at most 200.</summary>
    public required IReadOnlyList<DeadLetterTrip> Trips { get; init; }

    /// <summary>Why what other instances did is not among it; null if it is, or if there are none.</summary>
    public string? Problem { get; init; }
}

/// <summary>
/// A trip of a breaker as one instance saw it, from when it left Closed until it returned there, with what ended in <c>_error</c> of the endpoints that it
/// guards. Listed by the instance that decided, and by each on which something ended there.
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

    /// <summary>When it closed (UTC); null while it has not.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>How often it reopened.</summary>
    public int Reopens { get; init; }

    /// <summary>Messages that ended in <c>_error</c> meanwhile, and those that ended there in a row right before.</summary>
    public long DeadLetters { get; init; }

    /// <summary>Of these the most frequent kinds, the largest first; at most 10.</summary>
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
