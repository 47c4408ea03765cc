using StackExchange.Redis;

namespace Messaging.Breaker.ChaosTests.Drills;

/// <summary>Everything on a broker or a Redis server, no matter who created it.</summary>
static class BrokerContents
{
    /// <summary>The names of all queues and exchanges, in order.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(RabbitMqNode node)
    {
        using var management = new ManagementClient(node.ManagementAddress);
        var found = await management.GetAsync<Definitions>("api/definitions");
        return [.. found.Queues.Select(queue => $"queue {queue.Name}").Concat(found.Exchanges.Select(exchange => $"exchange {exchange.Name}")).Order()];
    }

    public static async Task<IReadOnlyList<string>> ReadKeysAsync(RedisNode node)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(node.Address);
        return [.. redis.GetServers().SelectMany(server => server.Keys()).Select(key => key.ToString())];
    }

    sealed record Definitions(IReadOnlyList<Named> Queues, IReadOnlyList<Named> Exchanges);

    sealed record Named(string Name);
}
