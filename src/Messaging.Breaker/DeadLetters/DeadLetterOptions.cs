namespace Messaging.Breaker;

/// <summary>
/// Which dead letters are offered. Set in code with <c>breakers.OfferDeadLetters(options =&gt; ...)</c>. Not thread-safe while being set.
/// </summary>
public sealed class DeadLetterOptions
{
    /// <summary>
    /// Names of further queues besides those of the guarded endpoints, on the broker of the first guarded endpoint. A name that ends in
    /// <c>_error</c> or <c>_skipped</c> belongs to the queue whose name comes before that. Empty by default.
    /// </summary>
    public IList<string> Queues { get; } = [];

    /// <summary>
    /// The directory in which messages are saved before they are discarded, unless an order names a file. Default null: each order must
    /// name one.
    /// </summary>
    public string? DiscardDirectory { get; set; }
}
