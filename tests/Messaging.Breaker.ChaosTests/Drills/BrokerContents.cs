using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using StackExchange.Redis;

namespace Messaging.Breaker.ChaosTests.Drills;

/// <summary>What there is on a broker, or on a Redis, whoever put it there.</summary>
static class BrokerContents
{
    /// <summary>The names of all queues and exchanges, in order.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(RabbitMqNode node)
    {
        var address = node.ManagementAddress;
        using var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(address.UserInfo)));
        var found = await http.GetFromJsonAsync<Definitions>("api/definitions", TestContext.Current.CancellationToken);
        return [.. found!.Queues.Select(queue => $"queue {queue.Name}").Concat(found.Exchanges.Select(exchange => $"exchange {exchange.Name}")).Order()];
    }

    public static async Task<IReadOnlyList<string>> ReadKeysAsync(RedisNode node)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(node.Address);
        return [.. redis.GetServers().SelectMany(server => server.Keys()).Select(key => key.ToString())];
    }

    sealed record Definitions(IReadOnlyList<Named> Queues, IReadOnlyList<Named> Exchanges);

    sealed record Named(string Name);
}
