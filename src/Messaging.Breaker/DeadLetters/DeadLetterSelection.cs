namespace Messaging.Breaker;

/// <summary>Selects messages of a queue. A message must meet every condition that is set; without any, all messages are selected.</summary>
public record DeadLetterSelection
{
    /// <summary>Only those of the group with this <see cref="DeadLetterGroup.Key"/>.</summary>
    public string? Group { get; init; }

    /// <summary>Only those with one of these message ids. A message without an id cannot be selected this way.</summary>
    public IReadOnlyCollection<string>? Messages { get; init; }

    /// <summary>Only those that failed at this time or later. A message that does not say when it failed is not selected.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only those that failed before this time. A message that does not say when it failed is not selected.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who gives the order, for the ledger. Default null: the user of the process.</summary>
    public string? By { get; init; }

    /// <summary>
    /// Why, for the ledger and the next operator on call. One line of at most 500 characters: line breaks become spaces, and longer text is
    /// cut.
    /// </summary>
    public required string Reason { get; init; }
}
