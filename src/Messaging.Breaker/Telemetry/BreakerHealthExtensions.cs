using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Breaker;

/// <summary>How the breakers are added to the health checks of a host.</summary>
public static class BreakerHealthExtensions
{
    /// <summary>
    /// Adds the health check <c>breakers</c>: the worst of the states, with state, mode, reason, since when, next probe and endpoints of each
    /// breaker as data. Meant for dashboards and, where no other instance could do better, for readiness; never for liveness, since a
    /// restart does not mend a dependency.
    /// </summary>
    /// <param name="checks">The health checks, as <c>services.AddHealthChecks()</c> returns them.</param>
    /// <param name="configure">What an open or isolated breaker means; without it, Degraded.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="tags">By which endpoints choose their checks; null for none.</param>
    /// <exception cref="InvalidOperationException">AddMessagingBreaker was not called; thrown when the check runs.</exception>
    public static IHealthChecksBuilder AddMessagingBreaker(
        this IHealthChecksBuilder checks,
        Action<BreakerHealthOptions>? configure = null,
        string name = "breakers",
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(checks);
        var options = new BreakerHealthOptions();
        configure?.Invoke(options);
        return checks.Add(new HealthCheckRegistration(
            name,
            provider => new BreakerHealthCheck(
                provider.GetRequiredService<IBreakerRegistry>(), provider.GetRequiredService<IEndpointRegistry>(), options),
            failureStatus: null,
            tags));
    }
}
