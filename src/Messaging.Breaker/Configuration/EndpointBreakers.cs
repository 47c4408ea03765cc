using Messaging.Breaker.Breakers;
using Messaging.Breaker.Consuming;
using Microsoft.Extensions.Options;

namespace Messaging.Breaker.Configuration;

/// <summary>Creates the endpoints' own breakers, with the options that differ from those of a dependency's breaker.</summary>
sealed class EndpointBreakers(IServiceProvider services) : IConfigureNamedOptions<BreakerOptions>
{
    // Such a breaker judges only by messages in a row: a ratio with this minimum never applies.
    const int Never = 1_000_000;

    readonly Dictionary<string, Action<BreakerOptions>> _configure = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, int> _endpoints = new(StringComparer.OrdinalIgnoreCase);

    BreakerRegistry Registry => (BreakerRegistry)services.GetService(typeof(BreakerRegistry))!;

    /// <summary>
    /// The own breaker of the endpoint of that name, until it is removed. Endpoints of the same name on several buses share one breaker.
    /// </summary>
    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="guards">The breakers that guard it: if they pause nothing, this one does not either.</param>
    /// <param name="configure">The options set on the bus.</param>
    public EndpointBreaker Create(string endpoint, IReadOnlyList<CircuitBreaker> guards, Action<BreakerOptions> configure)
    {
        var name = NameOf(endpoint);
        lock (_configure)
        {
            _configure[name] = options =>
            {
                options.ConsecutiveFailures = 20;
                options.MinimumThroughput = options.WindowCalls = Never;
                options.FailFastRequests = guards.All(guard => guard.Options.FailFastRequests);
                options.Mode = guards.Min(guard => guard.Options.Mode);
                configure(options);
            };
            _endpoints[name] = _endpoints.GetValueOrDefault(name) + 1;
            return new EndpointBreaker(Registry.Find(name) ?? Registry.Add(name));
        }
    }

    /// <summary>An endpoint was removed. The last one of its name takes its breaker with it.</summary>
    public void Remove(EndpointBreaker own)
    {
        var name = own.Breaker.Name;
        lock (_configure)
        {
            if (--_endpoints[name] > 0)
                return;
            _endpoints.Remove(name);
            _configure.Remove(name);
            // Tells listeners that it has ended.
            if (own.Breaker.State != BreakerState.Closed)
                own.Breaker.Reset("its endpoint was removed");
            Registry.Remove(own.Breaker);
        }
    }

    void IConfigureOptions<BreakerOptions>.Configure(BreakerOptions options)
    {
        // Unnamed options belong to no endpoint.
    }

    void IConfigureNamedOptions<BreakerOptions>.Configure(string? name, BreakerOptions options)
    {
        Action<BreakerOptions>? configure;
        lock (_configure)
            if (!_configure.TryGetValue(name!, out configure))
                return;
        configure(options);
    }

    static string NameOf(string endpoint) =>
        BreakerRegistry.EndpointPrefix + new string([.. endpoint.Take(80).Select(letter => BreakerNames.IsWellFormed(letter.ToString()) ? letter : '-')]);
}
