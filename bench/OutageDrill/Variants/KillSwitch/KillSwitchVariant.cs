using MassTransit;

namespace OutageDrill.Variants.KillSwitch;

/// <summary>
/// As in https://masstransit.io/documentation/configuration/middleware/filters#kill-switch, whose sample has the drill's trip rule and a
/// restart after a minute.
/// </summary>
sealed class KillSwitchVariant : MassTransitVariant
{
    public override string Id => "kill-switch";

    public override string Title => "UseKillSwitch";

    protected override void ConfigureEndpoint(IRabbitMqReceiveEndpointConfigurator endpoint) => endpoint.UseKillSwitch(options => options
        .SetActivationThreshold(DrillRule.MinimumMessages)
        .SetTripThreshold(DrillRule.FailurePercentage)
        .SetTrackingPeriod(DrillRule.Window)
        .SetRestartTimeout(DrillRule.Break));
}
