namespace Messaging.Breaker;

/// <summary>A queue of messages that were not handled.</summary>
public sealed record DeadLetterSource
{
    /// <summary>Its name, as in <c>orders_error</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The queue to which messages go back if they do not name one themselves; null if it is not known.</summary>
    public required string? Endpoint { get; init; }
}
