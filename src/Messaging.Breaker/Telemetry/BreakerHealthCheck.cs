using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Breaker.Telemetry;

/// <summary>Every breaker with what it holds up, and the worst of them as the status.</summary>
sealed class BreakerHealthCheck(IBreakerRegistry breakers, IEndpointRegistry endpoints, BreakerHealthOptions options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var snapshots = breakers.Breakers.Select(breaker => breaker.GetSnapshot()).ToList();
        var away = snapshots.FindAll(snapshot => snapshot is { Mode: BreakerMode.Enforcing, State: not BreakerState.Closed });
        var status = away.Select(StatusOf).DefaultIfEmpty(HealthStatus.Healthy).Min();
        var description = away.Count == 0
            ? "No breaker is open."
            : string.Join("; ", away.Select(snapshot => $"{snapshot.Name} is {snapshot.State}: {snapshot.Reason}"));
        return Task.FromResult(new HealthCheckResult(
            status, description, data: snapshots.ToDictionary(snapshot => snapshot.Name, object (snapshot) => Describe(snapshot))));
    }

    HealthStatus StatusOf(BreakerSnapshot snapshot) => snapshot.State == BreakerState.Isolated ? options.Isolated : options.Open;

    Dictionary<string, object?> Describe(BreakerSnapshot snapshot) => new()
    {
        ["state"] = snapshot.State.ToString(),
        ["mode"] = snapshot.Mode.ToString(),
        ["reason"] = snapshot.Reason,
        ["since"] = snapshot.Since,
        ["nextProbe"] = snapshot.NextProbeAt,
        ["endpoints"] = endpoints.Endpoints
            .Where(endpoint => endpoint.Breakers.Contains(snapshot.Name, StringComparer.OrdinalIgnoreCase))
            .ToDictionary(endpoint => endpoint.Name, endpoint => endpoint.State.ToString()),
    };
}
