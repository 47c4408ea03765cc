using MassTransit;

namespace Messaging.Breaker.DeadLetters;

/// <summary>
/// Keeps a consumer's exception on the delivery. When MassTransit has moved the message to <c>_error</c>, it reports that but no longer the
/// exception. Only for messages that cannot be read does it report both together.
/// </summary>
static class ConsumerFaults
{
    public static void Remember(ReceiveContext delivery, Exception exception) =>
        delivery.AddOrUpdatePayload(() => new Fault(exception), _ => new Fault(exception));

    /// <returns>Null if no consumer failed.</returns>
    public static Exception? Find(ReceiveContext delivery) => delivery.TryGetPayload(out Fault? fault) ? fault.Exception : null;

    sealed record Fault(Exception Exception);
}
