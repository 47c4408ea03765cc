namespace Messaging.Breaker;

/// <summary>Which messages to remove, and where to keep them.</summary>
public sealed record DiscardOrder : DeadLetterSelection
{
    /// <summary>
    /// The file to which each message is written before it is removed, one JSON object a line: its headers, and its body as text, or in
    /// base64 if it is not UTF-8 text. The file must not exist. Default null: a new file in
    /// <see cref="DeadLetterOptions.DiscardDirectory"/>.
    /// </summary>
    public string? File { get; init; }

    /// <summary>
    /// The second confirmation: the name of the queue again, to remove the messages for good, without a file. Default null.
    /// </summary>
    public string? ConfirmLossOf { get; init; }
}
