using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Messaging.Breaker.QueueDepth;

/// <summary>Signs requests according to the Standard Webhooks specification.</summary>
sealed class WebhookSignature(string secret)
{
    const string Prefix = "whsec_";

    readonly byte[] _key = KeyOf(secret) ?? throw new ArgumentException("The secret is not base64.", nameof(secret));

    /// <summary>Null if it is not a secret.</summary>
    public static byte[]? KeyOf(string? secret)
    {
        var text = secret?.StartsWith(Prefix, StringComparison.Ordinal) == true ? secret[Prefix.Length..] : secret;
        var key = new byte[text?.Length ?? 0];
        return Convert.TryFromBase64String(text ?? "", key, out var length) && length is >= 24 and <= 64 ? key[..length] : null;
    }

    public void Sign(HttpRequestMessage request, string id, DateTimeOffset now, string body)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var hash = HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}"));
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", $"v1,{Convert.ToBase64String(hash)}");
    }
}
