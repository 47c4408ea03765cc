namespace Messaging.Breaker;

/// <summary>Options of a look at a queue. Not thread-safe while being set.</summary>
public sealed record LookOptions
{
    /// <summary>The highest number of messages to read, from the head of the queue. From 1; default 100,000.</summary>
    public int MostMessages { get; init; } = 100_000;

    /// <summary>
    /// Whether each group's sample includes its body, of which at most 64 KiB are shown. Default false, because bodies may contain anything
    /// that your customers wrote.
    /// </summary>
    public bool WithBodies { get; init; }
}
