namespace Messaging.Breaker;

/// <summary>Which messages of a queue are meant: those of which all that is set holds; all if nothing is set.</summary>
public record DeadLetterSelection
{
    /// <summary>Only those of the group with this <see cref="DeadLetterGroup.Key"/>.</summary>
    public string? Group { get; init; }

    /// <summary>Only those with one of these message ids. One without an id cannot be selected so.</summary>
    public IReadOnlyCollection<string>? Messages { get; init; }

    /// <summary>Only those that failed at that time or later. One that does not say when it failed is not among them.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only those that failed before that time. One that does not say when it failed is not among them.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who gives the order, for the ledger. Default null: the user of the process.</summary>
    public string? By { get; init; }

    /// <summary>Why, for the ledger and whoever is on call next: one line of at most 500 characters; what is longer or has line breaks is made so.</summary>
    public required string Reason { get; init; }
}
