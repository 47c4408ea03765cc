namespace Messaging.Breaker;

/// <summary>What is to be removed, and what is kept of it.</summary>
public sealed record DiscardOrder : DeadLetterSelection
{
    /// <summary>
    /// The file to which each message is written before it is removed, one a line as JSON: its headers, and its body as text, or in base64 if it
    /// is no text in UTF-8. It must not exist. Default null: a new file in <see cref="DeadLetterOptions.DiscardDirectory"/>.
    /// </summary>
    public string? File { get; init; }

    /// <summary>The second confirmation: the queue's name, once more, removes the messages for good, without a file. Default null.</summary>
    public string? ConfirmLossOf { get; init; }
}
