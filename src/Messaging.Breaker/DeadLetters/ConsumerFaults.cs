using MassTransit;

namespace Messaging.Breaker.DeadLetters;

/// <summary>
/// By what exception a consumer failed, kept on the delivery: when MassTransit has moved the message to <c>_error</c> it tells of its end, and no
/// longer why. Only of what could not be read does it tell both at once.
/// </summary>
static class ConsumerFaults
{
    public static void Remember(ReceiveContext delivery, Exception exception) =>
        delivery.AddOrUpdatePayload(() => new Fault(exception), _ => new Fault(exception));

    /// <returns>Null if no consumer failed.</returns>
    public static Exception? Find(ReceiveContext delivery) => delivery.TryGetPayload(out Fault? fault) ? fault.Exception : null;

    sealed record Fault(Exception Exception);
}
