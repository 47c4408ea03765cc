using MassTransit;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Tests.Gating;

/// <summary>Stands in for the bus that owns an endpoint.</summary>
sealed class EndpointOwner : IEndpointOwner
{
    public bool HasEnded => false;

    public IReceiveEndpoint? Find(Uri address) => null;
}
