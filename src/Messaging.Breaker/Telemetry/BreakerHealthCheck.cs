using Messaging.Breaker.Breakers.Keys;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Messaging.Breaker.Telemetry;

/// <summary>Every breaker with what it holds up; the worst one gives the status.</summary>
sealed class BreakerHealthCheck(IBreakerRegistry breakers, IEndpointRegistry endpoints, BreakerHealthOptions options) : IHealthCheck
{
    const int MostKeys = 5;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var all = breakers.Breakers.Select(breaker => new Finding(breaker.GetSnapshot(), breaker.Keys?.Summarize(), breaker.Keys?.Worst(MostKeys) ?? [])).ToList();
        var away = all.FindAll(finding => StatusOf(finding) is not null);
        var status = away.Select(StatusOf).Min() ?? HealthStatus.Healthy;
        var description = away.Count == 0 ? "No breaker is open." : string.Join("; ", away.Select(Say));
        return Task.FromResult(new HealthCheckResult(
            status, description, data: all.ToDictionary(finding => finding.Breaker.Name, object (finding) => Describe(finding))));
    }

    /// <summary>Null if it holds nothing up.</summary>
    HealthStatus? StatusOf(Finding finding) => finding switch
    {
        { Breaker.Mode: not BreakerMode.Enforcing } => null,
        { Breaker.State: BreakerState.Isolated } => options.Isolated,
        { Breaker.State: not BreakerState.Closed } => options.Open,
        { Keys: { Open: > 0 } or { HalfOpen: > 0 } } => options.Keys,
        { Keys.Isolated: > 0 } => options.Isolated > options.Keys ? options.Isolated : options.Keys,
        _ => null,
    };

    static string Say(Finding finding) => finding is { Breaker.State: BreakerState.Closed, Keys: { } keys }
        ? $"{KeyText.Of(finding.Breaker.Name, keys)}{KeyText.Worst(finding.Worst, keys)}"
        : $"{finding.Breaker.Name} is {finding.Breaker.State}: {finding.Breaker.Reason}";

    Dictionary<string, object?> Describe(Finding finding)
    {
        var breaker = finding.Breaker;
        var data = new Dictionary<string, object?>
        {
            ["state"] = breaker.State.ToString(),
            ["mode"] = breaker.Mode.ToString(),
            ["reason"] = breaker.Reason,
            ["since"] = breaker.Since,
            ["nextProbe"] = breaker.NextProbeAt,
            ["endpoints"] = endpoints.Endpoints
                .Where(endpoint => endpoint.Breakers.Contains(breaker.Name, StringComparer.OrdinalIgnoreCase))
                .ToDictionary(endpoint => endpoint.Name, endpoint => endpoint.State.ToString()),
        };
        if (finding.Keys is { } keys)
            data["keys"] = Describe(keys, finding.Worst);
        return data;
    }

    static Dictionary<string, object?> Describe(BreakerKeySummary keys, IEnumerable<BreakerKeySnapshot> worst) => new()
    {
        ["remembered"] = keys.Remembered,
        ["open"] = keys.Open,
        ["halfOpen"] = keys.HalfOpen,
        ["isolated"] = keys.Isolated,
        ["emptying"] = keys.Emptying,
        ["parked"] = keys.Parked,
        ["parkedBytes"] = keys.ParkedBytes,
        ["oldestParked"] = keys.OldestParkedAt,
        ["worst"] = worst.Select(key => new Dictionary<string, object?>
        {
            ["key"] = key.Key,
            ["state"] = key.State.ToString(),
            ["reason"] = key.Reason,
            ["since"] = key.Since,
            ["nextProbe"] = key.NextProbeAt,
            ["parked"] = key.Parked,
        }).ToList(),
    };

    sealed record Finding(BreakerSnapshot Breaker, BreakerKeySummary? Keys, IReadOnlyList<BreakerKeySnapshot> Worst);
}
