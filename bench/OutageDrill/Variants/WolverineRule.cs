using OutageDrill.Workers;
using Wolverine.RabbitMQ;

namespace OutageDrill.Variants;

static class WolverineRule
{
    /// <summary>The sample of https://wolverinefx.net/guide/handlers/error-handling.html#circuit-breaker, with the drill's rule.</summary>
    public static RabbitMqListenerConfiguration UseDrillRule(this RabbitMqListenerConfiguration listener) => listener.CircuitBreaker(breaker =>
    {
        breaker.MinimumThreshold = DrillRule.MinimumMessages;
        breaker.FailurePercentageThreshold = DrillRule.FailurePercentage;
        breaker.TrackingPeriod = DrillRule.Window;
        breaker.PauseTime = DrillRule.Break;
    });

    /// <summary>Handles as many messages at once as are prefetched, which is what MassTransit does.</summary>
    public static RabbitMqListenerConfiguration Buffer(this RabbitMqListenerConfiguration listener, VariantSettings settings) =>
        listener.BufferedInMemory().MaximumParallelMessages(settings.Prefetch);
}
