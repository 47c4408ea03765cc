using StackExchange.Redis;

namespace SampleWorkers.Sharing;

static class StoreConnection
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A worker continues without its store; a drill that was told to share would measure something else, so it fails.</summary>
    /// <exception cref="StoreUnreachableException">There is no Redis, or it refused access, within five seconds.</exception>
    public static async Task EnsureReachableAsync(StoreAddress store)
    {
        if (store.IsBus)
            return;
        try
        {
            await using var redis = await ConnectAsync(store);
            await redis.GetDatabase().PingAsync();
        }
        // The client's messages are advice for programmers.
        catch (RedisConnectionException exception)
        {
            throw new StoreUnreachableException(store, $"{exception.FailureType}", exception);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw new StoreUnreachableException(store, exception.Message, exception);
        }
    }

    /// <summary>
    /// Deletes what a fleet left on Redis, which would otherwise expire a week later. What it left on the broker goes with the drill's queues.
    /// </summary>
    public static async Task DeleteStateAsync(StoreAddress store, string prefix)
    {
        if (store.IsBus)
            return;
        try
        {
            await using var redis = await ConnectAsync(store);
            foreach (var server in redis.GetServers().Where(server => server is { IsConnected: true, IsReplica: false }))
                await foreach (var key in server.KeysAsync(pattern: StoreRegistration.KeysOnRedis(prefix)))
                    await redis.GetDatabase().KeyDeleteAsync(key);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            // Redis is lost, and the keys expire.
        }
    }

    static Task<ConnectionMultiplexer> ConnectAsync(StoreAddress store) => ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
    {
        EndPoints = { { store.Host, store.Port } },
        User = store.User.Length > 0 ? store.User : null,
        Password = store.Password.Length > 0 ? store.Password : null,
        Ssl = store.IsTls,
        ConnectTimeout = (int)Patience.TotalMilliseconds,
    });
}
