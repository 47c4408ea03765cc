using Messaging.Breaker.Attribution;
using Messaging.Breaker.Gating;
using Messaging.Breaker.Partitions;

namespace Messaging.Breaker.Transports;

/// <summary>One endpoint while it is configured, on a transport that is known.</summary>
interface IAdaptedEndpoint
{
    IEndpointTransport Transport { get; }

    /// <summary>
    /// Why it must not be guarded; each completes "the endpoint cannot be guarded by a breaker: ..." and ends in what to do. Asked for when the
    /// endpoint has been configured, and only if it is guarded.
    /// </summary>
    IEnumerable<string> Problems { get; }

    /// <summary>What the user should know although it can be guarded.</summary>
    IEnumerable<string> Warnings { get; }

    /// <summary>
    /// Puts what the transport needs into the endpoint's pipes: to obey <see cref="IEndpointTransport.Limit"/>, and to call
    /// <see cref="EndpointGate.PrepareStart"/> before each consumer starts. It must do nothing on an endpoint of which the gate is not
    /// <see cref="EndpointGate.IsGuarding"/> when the pipes are built.
    /// </summary>
    void Attach(EndpointGate gate);

    /// <summary>How many messages of the endpoint can be under way at once. Known when it has been configured.</summary>
    int Places => int.MaxValue;

    /// <summary>
    /// Queues for the single keys of a breaker; null where messages can only be held. Asked for once, when the endpoint has been configured, and only
    /// if its guard is partitioned.
    /// </summary>
    /// <param name="partition">The keys.</param>
    /// <param name="inFlight">The endpoint's messages under way.</param>
    IKeyQueues? OfferKeyQueues(Partition partition, InFlightMessages inFlight) => null;
}
