using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Messaging.Breaker.Sharing.Alerts;

/// <summary>An alert of which the fleet's sinks have been told, as the store keeps it for whoever speaks next.</summary>
/// <param name="Key">The alert's key.</param>
/// <param name="IsOver">They have been told that it is over.</param>
/// <param name="Raised">What they were told last; null if it is too long to be kept.</param>
sealed record AlertTopic(string Key, bool IsOver, QueueAlertRaised? Raised)
{
    /// <summary>The name of the list.</summary>
    public const string List = "alerts";

    const int LongestText = 8_000;

    /// <summary>By what the list knows it: keys hold names of queues, which may be longer.</summary>
    public string Id => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))[..32];

    public string Write()
    {
        var text = JsonSerializer.Serialize(this, AlertTopicJson.Default.AlertTopic);
        return text.Length <= LongestText ? text : JsonSerializer.Serialize(this with { Raised = null }, AlertTopicJson.Default.AlertTopic);
    }

    /// <returns>Null if it cannot be read.</returns>
    public static AlertTopic? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, AlertTopicJson.Default.AlertTopic);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(AlertTopic))]
sealed partial class AlertTopicJson : JsonSerializerContext;
