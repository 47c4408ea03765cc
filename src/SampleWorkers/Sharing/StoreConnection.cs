using StackExchange.Redis;

namespace SampleWorkers.Sharing;

static class StoreConnection
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A worker goes on without its store; a drill that was told to share would measure something else, and says so.</summary>
    /// <exception cref="StoreUnreachableException">There is no Redis, or it refused us, within five seconds.</exception>
    public static async Task EnsureReachableAsync(StoreAddress store)
    {
        if (store.IsBus)
            return;
        var options = new ConfigurationOptions
        {
            EndPoints = { { store.Host, store.Port } },
            User = store.User.Length > 0 ? store.User : null,
            Password = store.Password.Length > 0 ? store.Password : null,
            Ssl = store.IsTls,
            ConnectTimeout = (int)Patience.TotalMilliseconds,
        };
        try
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
            await redis.GetDatabase().PingAsync();
        }
        // The messages of the client are advice to programmers.
        catch (RedisConnectionException exception)
        {
            throw new StoreUnreachableException(store, $"{exception.FailureType}", exception);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            throw new StoreUnreachableException(store, exception.Message, exception);
        }
    }
}
