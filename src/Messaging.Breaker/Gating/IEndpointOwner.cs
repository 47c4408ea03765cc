using MassTransit;

namespace Messaging.Breaker.Gating;

/// <summary>The bus that endpoints belong to.</summary>
interface IEndpointOwner
{
    /// <summary>
    /// Its container was disposed, perhaps while messages still arrive, for example when a host ends after its start failed: the bus was never
    /// asked to stop.
    /// </summary>
    bool HasEnded { get; }

    /// <summary>The endpoint at an address; null if there is none, for example because it was removed.</summary>
    IReceiveEndpoint? Find(Uri address);
}
