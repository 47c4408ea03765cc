using MassTransit.Transports;

namespace Messaging.Breaker.Gating;

static class DeliveryCancellation
{
    /// <summary>Cancels a delivery. An exception in a handler's own callback on the token must not interrupt the rest of the work.</summary>
    public static void GiveUp(this BaseReceiveContext delivery)
    {
        try
        {
            delivery.Cancel();
        }
        catch (AggregateException)
        {
            // The token is cancelled anyway.
        }
    }
}
