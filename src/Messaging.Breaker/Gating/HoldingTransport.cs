using MassTransit;
using MassTransit.Transports;

namespace Messaging.Breaker.Gating;

/// <summary>
/// A transport that cannot put messages back, or of which that is unknown. The in-memory transport loses a message whose exception escapes the
/// receive pipe, and when it stops it first hands all received messages to the consumers. So such endpoints stay started, and their messages
/// wait in the admission filter.
/// </summary>
sealed class HoldingTransport : IEndpointTransport
{
    public bool CanReturn => false;

    public int? Limit { get; set; }

    public bool HasConsumer { get; set; }

    public void Abandon(ReceiveContext context) => (context as BaseReceiveContext)?.GiveUp();

    public ValueTask<bool> ReturnAsync(ReceiveContext context, bool toEnd)
    {
        Abandon(context);
        return new ValueTask<bool>(false);
    }

    public Task<bool> TryCancelAsync() => Task.FromResult(false);

    public Task PutBackAsync() => Task.CompletedTask;

    public void ReportHealthy(IReceiveEndpoint endpoint, string description)
    {
        // It was never stopped, so it never appeared unhealthy.
    }
}
