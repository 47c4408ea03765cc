using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Serialization;

namespace Messaging.Breaker.IntegrationTests.Infrastructure;

/// <summary>Calls a node's management API over HTTP.</summary>
sealed class ManagementClient : IDisposable
{
    const string Queues = "api/queues/%2F?disable_stats=true&enable_queue_totals=true";

    readonly HttpClient _client;

    public ManagementClient(Uri address)
    {
        // One connection per request: after a crash of the broker, a pooled one causes an error.
        _client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { BaseAddress = address };
        _client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(address.UserInfo)));
    }

    public async Task<T> GetAsync<T>(string path) => (await _client.GetFromJsonAsync<T>(path, TestContext.Current.CancellationToken))!;

    public async Task<Depth?> GetDepthAsync(string queue) => (await GetDepthsAsync()).Find(x => x.Name == queue);

    public Task<List<Depth>> GetDepthsAsync() => GetAsync<List<Depth>>(Queues);

    public void Dispose() => _client.Dispose();

    public sealed record Depth(
        string Name,
        [property: JsonPropertyName("messages_ready")] long Ready,
        [property: JsonPropertyName("messages_unacknowledged")] long Unacknowledged);
}
