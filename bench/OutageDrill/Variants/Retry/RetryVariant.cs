using MassTransit;

namespace OutageDrill.Variants.Retry;

/// <summary>As in https://masstransit.io/documentation/concepts/exceptions#retry: retried at once, in memory, up to three times.</summary>
sealed class RetryVariant : MassTransitVariant
{
    public override string Id => "retry";

    public override string Title => "UseMessageRetry(Immediate(3))";

    protected override void ConfigureEndpoint(IRabbitMqReceiveEndpointConfigurator endpoint) =>
        endpoint.UseMessageRetry(retry => retry.Immediate(3));
}
