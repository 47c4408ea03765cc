using Messaging.Breaker.Cli.Output;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>What a steering order has led to, for whoever gave it.</summary>
static class SteeringWords
{
    public static string Of(BreakerView? breaker, SteeringOrder order, TimeZoneInfo zone)
    {
        if (breaker is null)
            return $"{Words.Legible(order.Name)}: done.";
        var mode = breaker.Mode is null or nameof(BreakerMode.Enforcing) ? "" : $" in mode {breaker.Mode}";
        var end = breaker.NextProbeAt is { } until ? $" until {Words.Of(until, zone)}" : breaker.State == nameof(BreakerState.Isolated) ? " until released" : "";
        return $"{Words.Legible(breaker.Name)} is {Words.Legible(breaker.State)}{mode}{end}.";
    }

    public static string Of(EndpointView? endpoint, SteeringOrder order, TimeZoneInfo zone) => endpoint switch
    {
        null => $"{Words.Legible(order.Name)}: done.",
        { Hold: { Until: { } until } } => $"{Words.Legible(endpoint.Name)} is held until {Words.Of(until, zone)}.",
        { Hold: not null } => $"{Words.Legible(endpoint.Name)} is held until resumed.",
        // Its breakers may go on holding it.
        _ => $"{Words.Legible(endpoint.Name)} is not held; it is {Words.Legible(endpoint.State)}.",
    };
}
