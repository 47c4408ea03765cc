namespace Messaging.Breaker;

/// <summary>
/// A webhook for alerts. Requests follow the Standard Webhooks specification (standardwebhooks.com), so that a receiver can verify them with
/// a library: headers <c>webhook-id</c>, <c>webhook-timestamp</c> and <c>webhook-signature</c>, an HMAC-SHA256 of both and the body.
/// </summary>
public sealed class QueueWebhookOptions
{
    /// <summary>Where to post, http or https; null (the default) for nowhere. Only its host is ever logged, since the path may be a secret.</summary>
    public string? Address { get; set; }

    /// <summary>
    /// The key of the signature: 24 to 64 bytes in base 64, with or without the prefix <c>whsec_</c>. Needed with <see cref="Address"/>; never
    /// logged.
    /// </summary>
    public string? Secret { get; set; }

    /// <summary>
    /// How often a request is made before it is given up: again after a time-out, a failed connection, 408, 429 and 5xx, with exponential
    /// backoff from 1 s and jitter. From 1 to 20; default 6, which is about half a minute.
    /// </summary>
    public int Attempts { get; set; } = 6;

    /// <summary>How long one attempt may take. From 100 ms to 1 minute; default 10 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}
