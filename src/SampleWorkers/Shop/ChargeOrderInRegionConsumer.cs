using MassTransit;
using Messaging.Breaker;

namespace SampleWorkers.Shop;

/// <summary>Charges in the first available region. Its queue is paused only if none is available.</summary>
[GuardedByAny(Dependencies.PaymentsEu, Dependencies.PaymentsUs)]
sealed class ChargeOrderInRegionConsumer(IBreakerRegistry breakers, IHttpClientFactory clients, ILedger ledger) : IConsumer<OrderPlaced>
{
    public async Task Consume(ConsumeContext<OrderPlaced> context)
    {
        var region = breakers.FirstClosed(Dependencies.PaymentsEu, Dependencies.PaymentsUs);
        var payments = new PaymentsClient(clients.CreateClient(region.Name));
        await payments.ChargeAsync(context.Message, context.CancellationToken);
        ledger.Charged(context.Message.OrderId);
    }
}
