using MassTransit.Transports;

namespace Messaging.Breaker.Gating;

static class DeliveryCancellation
{
    /// <summary>Cancels a delivery. What a handler's own callback on the token throws is no reason to do the rest of the work by halves.</summary>
    public static void GiveUp(this BaseReceiveContext delivery)
    {
        try
        {
            delivery.Cancel();
        }
        catch (AggregateException)
        {
            // The token is cancelled all the same.
        }
    }
}
