using OutageDrill.Workers;
using Wolverine.RabbitMQ;

namespace OutageDrill.Variants.WolverineBuffered;

/// <summary>Wolverine's circuit breaker on a buffered listener. A message that fails goes to the dead letter queue, which is the default.</summary>
sealed class WolverineBufferedVariant : WolverineVariant
{
    public override string Id => "wolverine";

    public override string Title => "Wolverine's circuit breaker";

    protected override void ConfigureListener(RabbitMqListenerConfiguration listener, VariantSettings settings) =>
        listener.Buffer(settings).UseDrillRule();
}
