namespace Messaging.Breaker;

/// <summary>Which dead letters are offered. Set in code by <c>breakers.OfferDeadLetters(options =&gt; ...)</c>. Not thread-safe while being set.</summary>
public sealed class DeadLetterOptions
{
    /// <summary>
    /// Further queues, beside those of the guarded endpoints, by name, on the broker of the first guarded endpoint. One that ends in <c>_error</c> or
    /// <c>_skipped</c> is taken for that of the queue that is named before it. Empty by default.
    /// </summary>
    public IList<string> Queues { get; } = [];

    /// <summary>The directory into which messages are written before they are discarded, unless an order names a file. Default null: each order has to.</summary>
    public string? DiscardDirectory { get; set; }
}
