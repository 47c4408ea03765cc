namespace Messaging.Breaker;

/// <summary>
/// A webhook for alerts. Requests follow the Standard Webhooks specification (standardwebhooks.com), so that a receiver can verify them
/// with a library: the headers are <c>webhook-id</c>, <c>webhook-timestamp</c> and <c>webhook-signature</c>, an HMAC-SHA256 of both and the
/// body.
/// </summary>
public sealed class QueueWebhookOptions
{
    /// <summary>
    /// Where to post, http or https; null (the default) for nowhere. Only the host is ever logged, because the path may be a secret.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>
    /// The key of the signature: 24 to 64 bytes in base 64, with or without the prefix <c>whsec_</c>. Required with <see cref="Address"/>.
    /// Never logged.
    /// </summary>
    public string? Secret { get; set; }

    /// <summary>
    /// The number of attempts before a request is given up. It is repeated after a timeout, a failed connection, 408, 429 and 5xx, with
    /// exponential backoff from 1 s and jitter. From 1 to 20; default 6, which is about half a minute.
    /// </summary>
    public int Attempts { get; set; } = 6;

    /// <summary>How long one attempt may take. From 100 ms to 1 minute; default 10 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}
