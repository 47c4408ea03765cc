using OutageDrill.Workers;
using Wolverine;
using Wolverine.ErrorHandling;
using Wolverine.RabbitMQ;

namespace OutageDrill.Variants.WolverineRequeue;

/// <summary>Wolverine's circuit breaker, but a failing message goes to the end of the queue, however often. So an outage dead-letters none.</summary>
sealed class WolverineRequeueVariant : WolverineVariant
{
    public override string Id => "wolverine-requeue";

    public override string Title => "Wolverine, requeue for ever";

    protected override void ConfigureErrors(WolverineOptions options) => options.OnException<IOException>().RequeueIndefinitely();

    protected override void ConfigureListener(RabbitMqListenerConfiguration listener, VariantSettings settings) =>
        listener.Buffer(settings).UseDrillRule();
}
