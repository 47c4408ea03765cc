namespace Messaging.Breaker.DeadLetters;

/// <summary>Decides whether an order selects a message.</summary>
sealed class SelectionFilter(DeadLetterSelection selection)
{
    readonly HashSet<string>? _messages = selection.Messages is { } messages ? new HashSet<string>(messages, StringComparer.OrdinalIgnoreCase) : null;

    public bool Selects(DeadLetter letter) =>
        (selection.Group is null || string.Equals(selection.Group, letter.Fault.Key, StringComparison.OrdinalIgnoreCase))
        && (_messages is null || (letter.MessageId is { } id && _messages.Contains(id)))
        && (selection.From is not { } from || letter.Fault.At >= from)
        && (selection.Until is not { } until || letter.Fault.At < until);
}
