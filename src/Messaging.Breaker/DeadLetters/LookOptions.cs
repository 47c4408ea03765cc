namespace Messaging.Breaker;

/// <summary>What a look at a queue is for. Not thread-safe while being set.</summary>
public sealed record LookOptions
{
    /// <summary>The most messages that are read, from the head of the queue. From 1; default 100,000.</summary>
    public int MostMessages { get; init; } = 100_000;

    /// <summary>Whether each group's sample comes with its body, of which at most 64 KiB are shown. Default false: bodies are whatever your customers wrote.</summary>
    public bool WithBodies { get; init; }
}
