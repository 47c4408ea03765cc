using MassTransit;
using MassTransit.Transports;

namespace Messaging.Breaker.Gating;

/// <summary>
/// Any transport of which we know nothing: the in-memory one loses a message whose exception escapes the receive pipe, and when it stops it
/// first hands all that it took to the consumers. So its endpoints stay started, and their messages wait in the admission filter.
/// </summary>
sealed class HoldingTransport : IEndpointTransport
{
    public bool CanReturn => false;

    public int? Limit { get; set; }

    public bool Abandon(ReceiveContext context)
    {
        (context as BaseReceiveContext)?.Cancel();
        return false;
    }

    public void ReportHealthy(IReceiveEndpoint endpoint, string description)
    {
        // It was never stopped, so it never looked sick.
    }
}
