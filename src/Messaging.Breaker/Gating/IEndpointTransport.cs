using MassTransit;

namespace Messaging.Breaker.Gating;

/// <summary>What pausing means on one transport, for one endpoint.</summary>
interface IEndpointTransport
{
    /// <summary>
    /// Whether a delivered message can be put back by stopping the endpoint. Where it cannot, messages are held in process until they are
    /// admitted, and the endpoint is never stopped.
    /// </summary>
    bool CanReturn { get; }

    /// <summary>The most messages that the consumer may hold when it is started next; null for the endpoint's own.</summary>
    int? Limit { get; set; }

    /// <summary>A consumer has come up since the endpoint was started last.</summary>
    bool HasConsumer { get; set; }

    /// <summary>Gives a message up without acknowledging it, and asks its handler to end.</summary>
    void Abandon(ReceiveContext context);

    /// <summary>Puts a message back in its queue.</summary>
    /// <param name="context">The delivery.</param>
    /// <param name="toEnd">Behind the others, if the transport can; otherwise in its place.</param>
    /// <returns>Whether it goes back only when the endpoint is stopped.</returns>
    ValueTask<bool> ReturnAsync(ReceiveContext context, bool toEnd);

    /// <summary>
    /// Ends the delivery of messages ahead of a stop, so that each one that is on its way still reaches the filters: those that reach a
    /// stopping endpoint are ignored, which counts as a delivery all the same.
    /// </summary>
    /// <returns>Whether the endpoint will complete by itself when what was delivered is done.</returns>
    Task<bool> TryCancelAsync();

    /// <summary>Says that a stopped endpoint is paused, not sick.</summary>
    void ReportHealthy(IReceiveEndpoint endpoint, string description);
}
