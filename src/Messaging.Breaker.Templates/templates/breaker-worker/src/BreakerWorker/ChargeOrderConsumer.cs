using MassTransit;
using Messaging.Breaker;

namespace BreakerWorker;

/// <summary>While the payments service is down its endpoint is paused, and the orders wait in their queue.</summary>
[GuardedBy("payments")]
public sealed class ChargeOrderConsumer(PaymentsClient payments) : IConsumer<OrderPlaced>
{
    public Task Consume(ConsumeContext<OrderPlaced> context) => payments.ChargeAsync(context.Message, context.CancellationToken);
}
