namespace Messaging.Breaker;

/// <summary>The result of a look at a queue.</summary>
public sealed record DeadLetterReport
{
    /// <summary>The queue.</summary>
    public required DeadLetterSource Queue { get; init; }

    /// <summary>Messages that were read.</summary>
    public required long Messages { get; init; }

    /// <summary>Messages that were not read, because the queue has more than were asked for.</summary>
    public required long Unread { get; init; }

    /// <summary>The groups, the largest first; at most 500.</summary>
    public required IReadOnlyList<DeadLetterGroup> Groups { get; init; }

    /// <summary>Messages that are in none of <see cref="Groups"/>, because there would be too many groups.</summary>
    public required long Ungrouped { get; init; }

    /// <summary>The number of other consumers of the queue. Messages that they currently hold were not seen.</summary>
    public required int OtherConsumers { get; init; }
}

/// <summary>Messages that failed in the same way.</summary>
public sealed record DeadLetterGroup
{
    /// <summary>
    /// The key for <see cref="DeadLetterSelection.Group"/>. It is always the same for the same exception, message type and text, on every
    /// instance.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>The exception's type as MassTransit records it; null if the message does not have it, as in <c>_skipped</c>.</summary>
    public required string? Exception { get; init; }

    /// <summary>The message's type, as a URN or as MassTransit's short name; null if neither the headers nor the body have it.</summary>
    public required string? MessageType { get; init; }

    /// <summary>The exception's text, on one line, with ids, numbers and quoted values replaced by <c>#</c> and <c>'…'</c>.</summary>
    public required string Text { get; init; }

    /// <summary>The number of messages.</summary>
    public required long Count { get; init; }

    /// <summary>When the first of them failed (UTC); null if no message says so.</summary>
    public required DateTimeOffset? First { get; init; }

    /// <summary>When the last of them failed (UTC); null if no message says so.</summary>
    public required DateTimeOffset? Last { get; init; }

    /// <summary>The consumer of the sample; null if the sample does not name it.</summary>
    public required string? Consumer { get; init; }

    /// <summary>The machine on which the sample failed; null if the sample does not name it.</summary>
    public required string? Host { get; init; }

    /// <summary>The first message of the group.</summary>
    public required DeadLetterSample Sample { get; init; }
}

/// <summary>One message, as a sample.</summary>
public sealed record DeadLetterSample
{
    /// <summary>Its id; null if it has none.</summary>
    public required string? MessageId { get; init; }

    /// <summary>Its headers, the first hundred, each of at most 4,000 characters.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The length of its body in bytes.</summary>
    public required long BodyLength { get; init; }

    /// <summary>
    /// The beginning of its body as text; null without <see cref="LookOptions.WithBodies"/>, or if the body is not UTF-8 text.
    /// </summary>
    public required string? Body { get; init; }
}
