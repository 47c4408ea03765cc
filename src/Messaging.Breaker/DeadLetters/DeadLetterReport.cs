namespace Messaging.Breaker;

/// <summary>What a look at a queue has found.</summary>
public sealed record DeadLetterReport
{
    /// <summary>The queue.</summary>
    public required DeadLetterSource Queue { get; init; }

    /// <summary>Messages that were read.</summary>
    public required long Messages { get; init; }

    /// <summary>Messages that were there and not read: beyond the most that were asked for.</summary>
    public required long Unread { get; init; }

    /// <summary>The groups, the largest first; at most 500.</summary>
    public required IReadOnlyList<DeadLetterGroup> Groups { get; init; }

    /// <summary>Messages that are in none of <see cref="Groups"/>, because there would be too many.</summary>
    public required long Ungrouped { get; init; }

    /// <summary>Others that consume the queue. What they have in hand at the moment is not seen.</summary>
    public required int OtherConsumers { get; init; }
}

/// <summary>Messages that failed in the same way.</summary>
public sealed record DeadLetterGroup
{
    /// <summary>By this it is known to <see cref="DeadLetterSelection.Group"/>: the same for the same exception, message type and text, everywhere and always.</summary>
    public required string Key { get; init; }

    /// <summary>The exception's type as MassTransit notes it; null if the message does not say it, as in <c>_skipped</c>.</summary>
    public required string? Exception { get; init; }

    /// <summary>The message's type, as a URN or as MassTransit's short name; null if neither headers nor body say it.</summary>
    public required string? MessageType { get; init; }

    /// <summary>The exception's text, on one line, with ids, numbers and quoted values replaced by <c>#</c> and <c>'…'</c>.</summary>
    public required string Text { get; init; }

    /// <summary>How many messages there are.</summary>
    public required long Count { get; init; }

    /// <summary>When the first of them failed (UTC); null if none says it.</summary>
    public required DateTimeOffset? First { get; init; }

    /// <summary>When the last of them failed (UTC); null if none says it.</summary>
    public required DateTimeOffset? Last { get; init; }

    /// <summary>The consumer of the sample; null if it does not say it.</summary>
    public required string? Consumer { get; init; }

    /// <summary>The machine on which the sample failed; null if it does not say it.</summary>
    public required string? Host { get; init; }

    /// <summary>The first message of the group.</summary>
    public required DeadLetterSample Sample { get; init; }
}

/// <summary>A message to look at.</summary>
public sealed record DeadLetterSample
{
    /// <summary>Its id; null if it has none.</summary>
    public required string? MessageId { get; init; }

    /// <summary>Its headers, the first hundred, each of at most 4,000 characters.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The length of its body in bytes.</summary>
    public required long BodyLength { get; init; }

    /// <summary>The beginning of its body as text; null unless <see cref="LookOptions.WithBodies"/>, and if it is no text in UTF-8.</summary>
    public required string? Body { get; init; }
}
