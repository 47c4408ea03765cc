using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace Messaging.Breaker.QueueDepth;

/// <summary>
/// Posts alerts to a webhook. Each attempt is signed with its own time, so that a receiver can refuse old ones. All attempts for one event have
/// the same id, so that it can recognise a repetition.
/// </summary>
sealed class WebhookAlertSink(IHttpClientFactory clients, IOptions<QueueDepthOptions> options, TimeProvider time) : IAlertSink
{
    public const string Client = "Messaging.Breaker.QueueAlerts";

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    readonly WebhookSignature _signature = new(options.Value.Webhook.Secret!);
    readonly ResiliencePipeline _retry = BuildRetry(options.Value.Webhook, time);

    public Task RaiseAsync(QueueAlertRaised raised, CancellationToken cancellationToken) =>
        PostAsync(new Event("queue.alert.raised", raised.Alert.Since, new Data(raised.Key, raised.Instance, raised.Alert)), cancellationToken);

    public Task ClearAsync(QueueAlertCleared cleared, CancellationToken cancellationToken) =>
        PostAsync(new Event("queue.alert.cleared", cleared.At, new Data(cleared.Key, cleared.Instance, cleared.Alert)
        {
            Message = cleared.Message,
            LastedSeconds = cleared.Lasted.TotalSeconds,
        }), cancellationToken);

    static ResiliencePipeline BuildRetry(QueueWebhookOptions webhook, TimeProvider time)
    {
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = time };
        if (webhook.Attempts > 1)
            pipeline.AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = webhook.Attempts - 1,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder()
                    .Handle<HttpRequestException>(failure => failure.StatusCode is null or >= HttpStatusCode.InternalServerError
                        or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests)
                    .Handle<Polly.Timeout.TimeoutRejectedException>(),
            });
        return pipeline.AddTimeout(webhook.Timeout).Build();
    }

    async Task PostAsync(Event what, CancellationToken cancellationToken)
    {
        var id = $"msg_{Guid.CreateVersion7(time.GetUtcNow()):N}";
        var body = JsonSerializer.Serialize(what, Json);
        using var client = clients.CreateClient(Client);
        await _retry.ExecuteAsync(async token => await PostOnceAsync(client, id, body, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }

    async Task PostOnceAsync(HttpClient client, string id, string body, CancellationToken cancellationToken)
    {
        var address = new Uri(options.Value.Webhook.Address!);
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        _signature.Sign(request, id, time.GetUtcNow(), body);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"{address.Host} answered {(int)response.StatusCode}.", null, response.StatusCode);
    }

    sealed record Event(string Type, DateTimeOffset Timestamp, Data Data);

    sealed record Data(string Key, string Instance, QueueAlert Alert)
    {
        /// <summary>Only for alerts that are over.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Message { get; init; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public double? LastedSeconds { get; init; }
    }
}
