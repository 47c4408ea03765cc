using MassTransit;

namespace OutageDrill.Variants.CircuitBreaker;

/// <summary>
/// As in https://masstransit.io/documentation/configuration/middleware/filters#circuit-breaker, whose sample has the drill's trip rule
/// and a reset after five minutes.
/// </summary>
sealed class CircuitBreakerVariant : MassTransitVariant
{
    public override string Id => "circuit-breaker";

    public override string Title => "UseCircuitBreaker";

    protected override void ConfigureEndpoint(IRabbitMqReceiveEndpointConfigurator endpoint) => endpoint.UseCircuitBreaker(breaker =>
    {
        breaker.TrackingPeriod = DrillRule.Window;
        breaker.TripThreshold = DrillRule.FailurePercentage;
        breaker.ActiveThreshold = DrillRule.MinimumMessages;
        breaker.ResetInterval = DrillRule.Break;
    });
}
