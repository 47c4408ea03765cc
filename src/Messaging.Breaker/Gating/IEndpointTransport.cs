using MassTransit;

namespace Messaging.Breaker.Gating;

/// <summary>
/// What pausing means on one transport, for one endpoint: the seam between the gate, which decides when, and a transport, which knows how.
/// docs/transports.md says what each transport offers for it, and TransportContract in the integration tests is what an adapter has to pass.
/// </summary>
/// <remarks>
/// <para>
/// Either a transport returns or it holds, for the endpoint's whole life. One that returns promises: a returned message is in its queue, in its
/// place, as soon as the endpoint is stopped; nothing counts against it, or the adapter sees to it that no count is ever used up; a stopped
/// endpoint has no message locked, unacknowledged or prefetched; and a process that is killed at any moment has lost none. One that holds
/// promises only not to lose what waits in the process while that lives.
/// </para>
/// <para>
/// The gate calls <see cref="TryCancelAsync"/> and <see cref="ReportHealthy"/> from one serial loop, and sets <see cref="Limit"/> there and
/// when a consumer is about to start. <see cref="Abandon"/> and <see cref="ReturnAsync"/> are called by the filters, for many messages at
/// once, also while the endpoint is being stopped, and also for messages whose connection is lost.
/// </para>
/// <para>
/// What a transport does to its endpoint while that is configured, so that <see cref="Limit"/> is obeyed and the gate hears of each start, is
/// the task of its <see cref="Transports.IAdaptedEndpoint"/>.
/// </para>
/// </remarks>
interface IEndpointTransport
{
    /// <summary>
    /// Whether a delivered message can be put back by stopping the endpoint. Where it cannot, messages are held in process until they are
    /// admitted, and the endpoint is never stopped. Never changes.
    /// </summary>
    bool CanReturn { get; }

    /// <summary>
    /// The most messages that the consumer may hold when it is started next; null for the endpoint's own. The broker, not the process, must
    /// see to it: what is prefetched beyond it would be kept from other instances. Where messages are held, nobody asks for it.
    /// </summary>
    int? Limit { get; set; }

    /// <summary>A consumer has come up since the endpoint was started last.</summary>
    bool HasConsumer { get; set; }

    /// <summary>
    /// Gives a message up without acknowledging it, and asks its handler to end. Returns at once; it may be called twice for a message.
    /// </summary>
    /// <exception cref="InvalidOperationException">This delivery cannot be given up, as when a filter of the user's replaced its context.</exception>
    void Abandon(ReceiveContext context);

    /// <summary>
    /// Puts a message back in its queue. Afterwards the filters leave the pipe by an <see cref="OperationCanceledException"/> with the
    /// delivery's own token, which must neither acknowledge nor reject it, nor fault, nor be logged. Where
    /// <see cref="CanReturn"/> is false it is called only for what still waits when the bus stops.
    /// </summary>
    /// <param name="context">The delivery.</param>
    /// <param name="toEnd">Behind the others, if the transport can; otherwise in its place.</param>
    /// <returns>
    /// Whether it goes back only when the endpoint is stopped: the gate then stops it, even if nobody wants it paused by then. False if it is
    /// back already, or a copy of it.
    /// </returns>
    ValueTask<bool> ReturnAsync(ReceiveContext context, bool toEnd);

    /// <summary>
    /// Ends the delivery of messages ahead of a stop, so that each one that is on its way still reaches the filters: those that reach a
    /// stopping endpoint are ignored, which counts as a delivery all the same. Must not throw for a connection that is lost.
    /// </summary>
    /// <returns>Whether the endpoint will complete by itself when what was delivered is done.</returns>
    Task<bool> TryCancelAsync();

    /// <summary>Says that a stopped endpoint is paused, not sick, until it is started again.</summary>
    void ReportHealthy(IReceiveEndpoint endpoint, string description);
}
