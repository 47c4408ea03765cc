using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Breaker.Probing;

/// <summary>Whether a health check reports that the dependency works; Degraded counts as working.</summary>
static class HealthCheckProbe<THealthCheck> where THealthCheck : class, IHealthCheck
{
    public static async Task<bool> AskAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var check = ActivatorUtilities.GetServiceOrCreateInstance<THealthCheck>(services);
        var registration = new HealthCheckRegistration(typeof(THealthCheck).Name, check, HealthStatus.Unhealthy, tags: null);
        var result = await check.CheckHealthAsync(new HealthCheckContext { Registration = registration }, cancellationToken).ConfigureAwait(false);
        return result.Status != HealthStatus.Unhealthy;
    }
}
