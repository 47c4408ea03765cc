using System.Globalization;
using StackExchange.Redis;

namespace Messaging.Breaker.Redis;

/// <summary>
/// Reads a configuration string, and makes sure that a missing Redis neither stops the start nor queues commands that are soon out of date.
/// </summary>
static class RedisConfiguration
{
    const int ReconnectMilliseconds = 1_000;

    public static ConfigurationOptions Read(string configuration)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);
        var options = Parse(configuration);
        // A malformed address would be taken for a host name, including the password, and messages contain host names.
        if (options.EndPoints.Count == 0 || options.EndPoints.Any(host => host.ToString()!.Contains('@', StringComparison.Ordinal)))
            throw Unreadable();
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry(ReconnectMilliseconds);
        options.ClientName ??= "messaging-breaker";
        return options;
    }

    static ConfigurationOptions Parse(string configuration)
    {
        try
        {
            return Uri.TryCreate(configuration, UriKind.Absolute, out var address) && address.Scheme is "redis" or "rediss"
                ? FromAddress(address)
                : ConfigurationOptions.Parse(configuration);
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or OverflowException)
        {
            // Without the inner exception, which quotes what it could not read: that may be the password.
            throw Unreadable();
        }
    }

    static ConfigurationOptions FromAddress(Uri address)
    {
        var user = address.UserInfo.Split(':', 2);
        var database = address.AbsolutePath.Trim('/');
        if (address.Query.Length > 0 || address.Fragment.Length > 0)
            throw new FormatException("A Redis address cannot have a query.");
        return new ConfigurationOptions
        {
            EndPoints = { { address.Host, address.Port > 0 ? address.Port : 6379 } },
            DefaultDatabase = database.Length > 0 ? int.Parse(database, NumberStyles.None, CultureInfo.InvariantCulture) : null,
            Ssl = address.Scheme == "rediss",
            User = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
        };
    }

    static ArgumentException Unreadable() => new(
        "The Redis configuration cannot be parsed; it should look like \"host:6379,ssl=true,user=name,password=...\" or \"rediss://name:password@host:6380/0\", where the number is the database.",
        "configuration");
}
