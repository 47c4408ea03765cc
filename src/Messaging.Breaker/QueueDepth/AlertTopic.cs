using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Messaging.Breaker.Primitives;

namespace Messaging.Breaker.QueueDepth;

/// <summary>An alert that the fleet's sinks were told of, as the store keeps it for the next instance that speaks for the fleet.</summary>
/// <param name="Key">The alert's key.</param>
/// <param name="IsOver">Whether they were told that it is over.</param>
/// <param name="Raised">What they were told last; null if it is too long to be kept.</param>
sealed record AlertTopic(string Key, bool IsOver, QueueAlertRaised? Raised)
{
    /// <summary>The name of the list.</summary>
    public const string List = "alerts";

    const int LongestText = 8_000;
    const int FewQueues = 5;
    const int FewKeys = 1;
    const int ShortMessage = 500;

    /// <summary>Its id in the list: keys contain names of queues, which may be longer.</summary>
    public string Id => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))[..32];

    public string Write()
    {
        var text = JsonSerializer.Serialize(this, AlertTopicJson.Default.AlertTopic);
        if (text.Length > LongestText && Raised is { } raised)
            text = JsonSerializer.Serialize(this with { Raised = raised with { Alert = Shorten(raised.Alert) } }, AlertTopicJson.Default.AlertTopic);
        return text.Length <= LongestText ? text : JsonSerializer.Serialize(this with { Raised = null }, AlertTopicJson.Default.AlertTopic);
    }

    /// <summary>If it is too long, the severity matters more than the whole text.</summary>
    static QueueAlert Shorten(QueueAlert alert) => alert with
    {
        Queues = [.. alert.Queues.Take(FewQueues)],
        Keys = [.. alert.Keys.Take(FewKeys)],
        Message = OneLine.Of(alert.Message, ShortMessage),
    };

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
