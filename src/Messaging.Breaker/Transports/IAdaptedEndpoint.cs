using Messaging.Breaker.Breakers.Attempts;
using Messaging.Breaker.Breakers.Keys;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Transports;

/// <summary>One endpoint while it is configured, on a known transport.</summary>
interface IAdaptedEndpoint
{
    IEndpointTransport Transport { get; }

    /// <summary>
    /// Why it must not be guarded. Each text completes "the endpoint cannot be guarded by a breaker: ..." and ends with what to do. Read when
    /// the endpoint has been configured, and only if it is guarded.
    /// </summary>
    IEnumerable<string> Problems { get; }

    /// <summary>What the user should know although it can be guarded.</summary>
    IEnumerable<string> Warnings { get; }

    /// <summary>
    /// Adds to the endpoint's pipes what the transport needs to obey <see cref="IEndpointTransport.Limit"/>, and to call <see
    /// cref="EndpointGate.PrepareStart"/> before each consumer starts. It must do nothing on an endpoint whose gate is not <see
    /// cref="EndpointGate.IsGuarding"/> when the pipes are built.
    /// </summary>
    void Attach(EndpointGate gate);

    /// <summary>How many messages of the endpoint can be in flight at once. Known when it has been configured.</summary>
    int Places => int.MaxValue;

    /// <summary>
    /// Queues for the keys of a breaker; null if messages can only be held. Called once, when the endpoint has been configured, and only if its
    /// guard is partitioned.
    /// </summary>
    /// <param name="partition">The keys.</param>
    /// <param name="inFlight">The endpoint's in-flight messages.</param>
    IKeyQueues? OfferKeyQueues(Partition partition, InFlightMessages inFlight) => null;
}
