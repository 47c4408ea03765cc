using Messaging.Breaker.Cli.Output;

namespace Messaging.Breaker.Cli.Sources;

/// <summary>The result of a steering order, for the user.</summary>
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

    /// <summary>The page's outcome of an order for the fleet, if it differs from what was ordered.</summary>
    public static string Of(string outcome) => outcome switch
    {
        nameof(HoldOutcome.FleetWhenStoreIsBack) => "Only on this instance: the fleet's store is out of reach, and the others will be told when it is back. ",
        nameof(HoldOutcome.HeldByFleet) => "It stays held by the fleet. ",
        _ => "",
    };

    public static string Of(EndpointView? endpoint, SteeringOrder order, TimeZoneInfo zone) => endpoint switch
    {
        null => $"{Words.Legible(order.Name)}: done.",
        { Hold: { } hold } =>
            $"{Words.Legible(endpoint.Name)} is held{(hold.Instance is null ? "" : " on the whole fleet")} {(hold.Until is { } until ? $"until {Words.Of(until, zone)}" : "until resumed")}.",
        // Its breakers may still pause it.
        _ => $"{Words.Legible(endpoint.Name)} is not held; it is {Words.Legible(endpoint.State)}.",
    };
}
