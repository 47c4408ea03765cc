using MassTransit;
using Messaging.Breaker;

namespace SampleWorkers.Shop;

/// <summary>Takes the same orders from a queue of its own and needs another dependency: an outage of payments is nothing to it.</summary>
[GuardedBy(Dependencies.Email)]
sealed class SendReceiptConsumer(MailClient mail, ILedger ledger) : IConsumer<OrderPlaced>
{
    public async Task Consume(ConsumeContext<OrderPlaced> context)
    {
        await mail.SendReceiptAsync(context.Message, context.CancellationToken);
        ledger.ReceiptSent(context.Message.OrderId);
    }
}
