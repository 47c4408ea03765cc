using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.QueueDepth;
using Microsoft.Extensions.Logging;

namespace Messaging.Breaker.RabbitMq;

/// <summary>
/// What the management API adds to a sample. Its figures are some seconds old, so depth and consumers are never taken from it. If it does not
/// answer, the sample still has the rest.
/// </summary>
sealed class ManagementApi(Uri address, BrokerAccess broker, DeliveryLimits limits, IHttpClientFactory clients, ILogger log)
{
    public const string Client = "Messaging.Breaker.Management";

    bool _isFailing;

    public async Task<IReadOnlyList<QueueReading>> CompleteAsync(
        IReadOnlyList<QueueReading> readings, BrokerVersion version, CancellationToken cancellationToken)
    {
        try
        {
            var factory = await broker.PrepareAsync().ConfigureAwait(false);
            using var client = clients.CreateClient(Client);
            client.Timeout = TimeSpan.FromSeconds(5);
            client.DefaultRequestHeaders.Authorization = Credentials(factory.UserName, factory.Password);
            var completed = new List<QueueReading>(readings.Count);
            foreach (var reading in readings)
            {
                var path = $"api/queues/{Uri.EscapeDataString(factory.VirtualHost)}/{Uri.EscapeDataString(reading.Queue)}";
                var queue = await client.GetFromJsonAsync<JsonElement>(new Uri(Root, path), cancellationToken).ConfigureAwait(false);
                completed.Add(Complete(reading, queue));
                if (DeliveryLimitOf(queue, version) is { } limit)
                    limits.Tell(broker.Description, reading.Queue, limit);
            }

            if (_isFailing)
                log.ManagementAnswersAgain(address.Host);
            _isFailing = false;
            return completed;
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!_isFailing)
                log.ManagementSilent(address.Host, exception.Message);
            _isFailing = true;
            return readings;
        }
    }

    /// <summary>Without the user, which HttpClient would ignore there, and errors would show.</summary>
    Uri Root => new(address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped).TrimEnd('/') + "/");

    internal static QueueReading Complete(QueueReading reading, JsonElement queue) => reading with
    {
        Unacknowledged = Number(queue, "messages_unacknowledged"),
        ArrivalRate = Rate(queue, "publish_details"),
        ServiceRate = Rate(queue, "ack_details"),
        OldestAt = Number(queue, "head_message_timestamp") is { } seconds and > 0 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null,
        Limits = Limits(queue, "arguments", "x-").And(Limits(queue, "effective_policy_definition", "")),
    };

    /// <returns>Null if it is missing, as shortly after a queue was declared.</returns>
    internal static long? DeliveryLimitOf(JsonElement queue, BrokerVersion version)
    {
        if (Find(queue, "type") is not { ValueKind: JsonValueKind.String } type)
            return null;
        if (!type.ValueEquals("quorum"))
            return DeliveryLimit.None;
        if (Find(queue, "delivery_limit") is { } effective)
            return Number(queue, "delivery_limit") is { } number and >= 0 ? number : effective.ValueKind is JsonValueKind.String or JsonValueKind.Number ? DeliveryLimit.None : null;
        // Earlier versions report only the values that it follows from.
        if (version.Major is 0 or >= 4 || Find(queue, "arguments") is not { } arguments || Find(queue, "effective_policy_definition") is not { } policy)
            return null;
        long?[] stated = [Number(arguments, "x-delivery-limit"), Number(policy, "delivery-limit"), version.DefaultDeliveryLimit];
        return stated.Min(limit => limit >= 0 ? limit : null);
    }

    AuthenticationHeaderValue Credentials(string user, string password)
    {
        if (address.UserInfo is { Length: > 0 } given)
        {
            var parts = given.Split(':', 2);
            (user, password) = (Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
        }

        return new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
    }

    static QueueLimits Limits(JsonElement queue, string where, string prefix) => Find(queue, where) is { } limits
        ? new QueueLimits(
            Number(limits, prefix + "max-length"),
            Number(limits, prefix + "message-ttl") is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null)
        : QueueLimits.None;

    static double? Rate(JsonElement queue, string name) =>
        Find(queue, "message_stats") is { } stats && Find(stats, name) is { } details && Find(details, "rate") is { } rate
        && rate.TryGetDouble(out var value) ? value : null;

    static long? Number(JsonElement parent, string name) =>
        Find(parent, name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : null;

    static JsonElement? Find(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var child) ? child : null;
}
