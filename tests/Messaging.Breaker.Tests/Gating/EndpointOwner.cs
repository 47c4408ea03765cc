using MassTransit;
using Messaging.Breaker.Gating;

namespace Messaging.Breaker.Tests.Gating;

/// <summary>A bus that a test plays.</summary>
sealed class EndpointOwner : IEndpointOwner
{
    public bool HasEnded => false;

    public IReceiveEndpoint? Find(Uri address) => null;
}
