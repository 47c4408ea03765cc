using MassTransit;

namespace Messaging.Breaker.Gating;

/// <summary>
/// What pausing means on one transport, for one endpoint. It separates the gate, which decides when, from a transport, which knows how.
/// docs/transports.md says what each transport offers, and an adapter has to pass TransportContract in the integration tests.
/// </summary>
/// <remarks>
/// <para> A transport either returns messages or holds them, for the endpoint's whole life. One that returns promises the following: a returned
/// message is in its queue, in its place, as soon as the endpoint is stopped; nothing counts against it, or the adapter makes sure that no
/// count is ever used up; a stopped endpoint has no message locked, unacknowledged or prefetched; and a process that is killed at any moment
/// has lost none. One that holds promises only not to lose the messages that wait in the process while it lives.
/// </para>
/// <para>
/// The gate calls <see cref="TryCancelAsync"/> and <see cref="ReportHealthy"/> from one serial loop, and sets <see cref="Limit"/> there and
/// when a consumer is about to start. <see cref="Abandon"/> and <see cref="ReturnAsync"/> are called by the filters, for many messages at
/// once, also while the endpoint is being stopped, and also for messages whose connection is lost.
/// </para>
/// <para> A transport's <see cref="Transports.IAdaptedEndpoint"/> prepares the endpoint while it is configured, so that <see cref="Limit"/> is
/// obeyed and the gate is notified of each start.
/// </para>
/// </remarks>
interface IEndpointTransport
{
    /// <summary>
    /// Whether stopping the endpoint puts delivered messages back. If not, messages are held in the process until they are admitted, and the
    /// endpoint is never stopped. Never changes.
    /// </summary>
    bool CanReturn { get; }

    /// <summary>
    /// The maximum number of messages that the consumer may hold after its next start; null for the endpoint's own. The broker has to enforce
    /// it, not the process: messages prefetched beyond it would be kept from other instances. Not used where messages are held.
    /// </summary>
    int? Limit { get; set; }

    /// <summary>Whether a consumer has started since the endpoint's latest start.</summary>
    bool HasConsumer { get; set; }

    /// <summary>
    /// Gives up a message without acknowledging it, and asks its handler to end. Returns at once; may be called twice for a message.
    /// </summary>
    /// <exception cref="InvalidOperationException">This delivery cannot be given up, for example because a user's filter replaced its
    /// context.</exception>
    void Abandon(ReceiveContext context);

    /// <summary>
    /// Puts a message back in its queue. Afterwards the filters leave the pipe with an <see cref="OperationCanceledException"/> that has the
    /// delivery's own token. It must neither acknowledge nor reject the message, nor fault, nor be logged. If <see cref="CanReturn"/> is false,
    /// this is called only for messages that still wait when the bus stops.
    /// </summary>
    /// <param name="context">The delivery.</param>
    /// <param name="toEnd">Behind the others, if the transport can; otherwise in its place.</param>
    /// <returns>
    /// Whether the message goes back only when the endpoint is stopped. The gate then stops it, even if it is no longer to be paused by then.
    /// False if the message or a copy of it is already back.
    /// </returns>
    ValueTask<bool> ReturnAsync(ReceiveContext context, bool toEnd);

    /// <summary>
    /// Ends the delivery of messages before a stop, so that each message that is on its way still reaches the filters. Messages that reach a
    /// stopping endpoint are ignored, which counts as a delivery. Must not throw if the connection is lost.
    /// </summary>
    /// <returns>Whether the endpoint will complete by itself when the delivered messages are done.</returns>
    Task<bool> TryCancelAsync();

    /// <summary>
    /// The consumer has ended, and its channel is still open: puts messages that were given up back at once, if that is cheaper than closing
    /// the channel. Must not throw if the connection is lost.
    /// </summary>
    Task PutBackAsync();

    /// <summary>Reports a stopped endpoint as paused, not unhealthy, until it is started again.</summary>
    void ReportHealthy(IReceiveEndpoint endpoint, string description);
}
