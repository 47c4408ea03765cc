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

    /// <summary>Gives a message up without acknowledging it: it is put back when the endpoint stops.</summary>
    /// <returns>Whether that is still to happen; false if it went back already, with the channel that delivered it.</returns>
    bool Abandon(ReceiveContext context);

    /// <summary>Says that a stopped endpoint is paused, not sick.</summary>
    void ReportHealthy(IReceiveEndpoint endpoint, string description);
}
