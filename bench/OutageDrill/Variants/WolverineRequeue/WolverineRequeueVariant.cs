using OutageDrill.Workers;
using Wolverine;
using Wolverine.ErrorHandling;
using Wolverine.RabbitMQ;

namespace OutageDrill.Variants.WolverineRequeue;

/// <summary>The same, and a message that fails goes to the end of the queue, however often: none is dead-lettered for an outage.</summary>
sealed class WolverineRequeueVariant : WolverineVariant
{
    public override string Id => "wolverine-requeue";

    public override string Title => "Wolverine, requeue for ever";

    protected override void ConfigureErrors(WolverineOptions options) => options.OnException<IOException>().RequeueIndefinitely();

    protected override void ConfigureListener(RabbitMqListenerConfiguration listener, WorkerSettings settings) =>
        listener.Buffer(settings).UseDrillRule();
}
