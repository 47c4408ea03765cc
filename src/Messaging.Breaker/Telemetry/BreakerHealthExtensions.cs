using Messaging.Breaker.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Breaker;

/// <summary>Adds the breakers to the health checks of a host.</summary>
public static class BreakerHealthExtensions
{
    /// <summary>
    /// Adds the health check <c>breakers</c>. Its status is the worst of the breakers. Its data have the state, mode, reason, start of the
    /// state, next probe and endpoints of each breaker. Use it for dashboards, and for readiness only if another instance could do better.
    /// Never use it for liveness, because a restart does not repair a dependency.
    /// </summary>
    /// <param name="checks">The health checks, as <c>services.AddHealthChecks()</c> returns them.</param>
    /// <param name="configure">Sets the status for an open or isolated breaker; null for Degraded.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="tags">The tags by which endpoints choose their checks; null for none.</param>
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
