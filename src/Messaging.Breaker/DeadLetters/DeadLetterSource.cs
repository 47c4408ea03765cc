namespace Messaging.Breaker;

/// <summary>A queue of messages that were not handled.</summary>
public sealed record DeadLetterSource
{
    /// <summary>Its name, as in <c>orders_error</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The queue from which messages come that do not say it themselves; null if that is not known.</summary>
    public required string? Endpoint { get; init; }
}
