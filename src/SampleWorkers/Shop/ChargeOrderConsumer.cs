using MassTransit;
using Messaging.Breaker;

namespace SampleWorkers.Shop;

[GuardedBy(Dependencies.Payments)]
sealed class ChargeOrderConsumer(PaymentsClient payments, ILedger ledger) : IConsumer<OrderPlaced>
{
    public async Task Consume(ConsumeContext<OrderPlaced> context)
    {
        await payments.ChargeAsync(context.Message, context.CancellationToken);
        ledger.Charged(context.Message.OrderId);
    }
}
