using MassTransit;
using Messaging.Breaker;

namespace SampleWorkers.Shop;

/// <summary>Takes the same orders from its own queue and needs another dependency, so an outage of payments does not affect it.</summary>
[GuardedBy(Dependencies.Email)]
sealed class SendReceiptConsumer(MailClient mail, ILedger ledger) : IConsumer<OrderPlaced>
{
    public async Task Consume(ConsumeContext<OrderPlaced> context)
    {
        await mail.SendReceiptAsync(context.Message, context.CancellationToken);
        ledger.ReceiptSent(context.Message.OrderId);
    }
}
