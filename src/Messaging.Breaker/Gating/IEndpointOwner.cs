using MassTransit;

namespace Messaging.Breaker.Gating;

/// <summary>The bus to which endpoints belong.</summary>
interface IEndpointOwner
{
    /// <summary>
    /// Its container was disposed of, perhaps while messages still arrive, as when a host ends whose start failed: its bus was never asked to
    /// stop.
    /// </summary>
    bool HasEnded { get; }

    /// <summary>The endpoint that it has at an address; null for none, as when it was removed.</summary>
    IReceiveEndpoint? Find(Uri address);
}
