using Messaging.Breaker.Diagnostics;
using Messaging.Breaker.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker;

/// <summary>Shares breakers over Redis.</summary>
public static class MessagingBreakerRedisExtensions
{
    /// <summary>
    /// Shares the breakers with the other instances that use the same Redis (5 or later) and the same
    /// <see cref="RedisSharingOptions.KeyPrefix"/>. The host starts, and messages are handled, whether Redis answers or not.
    /// </summary>
    /// <param name="breakers">The breakers.</param>
    /// <param name="configuration">
    /// The configuration string of StackExchange.Redis, as in "redis.example:6380,ssl=true,user=worker,password=...", or an address as in
    /// "rediss://worker:password@redis.example:6380". It is never logged.
    /// </param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <exception cref="ArgumentException">The configuration string cannot be read. The message does not repeat it.</exception>
    /// <exception cref="OptionsValidationException">An option is out of range.</exception>
    /// <exception cref="InvalidOperationException">Another store was chosen before.</exception>
    public static MessagingBreakerBuilder ShareOverRedis(
        this MessagingBreakerBuilder breakers, string configuration, Action<RedisSharingOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(breakers);
        var redis = RedisConfiguration.Read(configuration);
        return breakers.Share(
            (services, options) => new RedisStateStore(
                redis, options, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ILoggerFactory>().CreateLog()), configure);
    }
}
