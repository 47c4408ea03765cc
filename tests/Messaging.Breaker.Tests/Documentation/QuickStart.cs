using MassTransit;
using Messaging.Breaker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrderService;

public sealed record OrderPlaced(Guid OrderId);

public sealed class PaymentsClient(HttpClient http)
{
    public Task ChargeAsync(OrderPlaced order, CancellationToken cancellationToken) => http.GetAsync(new Uri($"/charge/{order.OrderId}"), cancellationToken);
}

static class QuickStart
{
    public static void Add(HostApplicationBuilder builder)
    {
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("payments"));

        builder.Services.AddHttpClient<PaymentsClient>()
            .AddBreaker("payments");

        builder.Services.AddMassTransit(bus =>
        {
            bus.AddConsumer<ChargeOrderConsumer>();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.UseMessagingBreaker(context);
                rabbit.ConfigureEndpoints(context);
            });
        });
    }

    public static async Task SteerAsync(IBreakerRegistry breakers, IEndpointRegistry endpoints, CancellationToken cancellationToken)
    {
        breakers["payments"].Isolate("provider maintenance until noon", TimeSpan.FromHours(2));
        breakers["payments"].Release("done early");
        endpoints.Pause("charge-order", "migrating the table");
        endpoints.Resume("charge-order");

        await foreach (var transition in breakers.WatchAsync(cancellationToken))
            Console.WriteLine($"{transition.Breaker}: {transition.From} -> {transition.To}: {transition.Reason}");
    }
}

[GuardedBy("payments")]
public sealed class ChargeOrderConsumer(PaymentsClient payments) : IConsumer<OrderPlaced>
{
    public Task Consume(ConsumeContext<OrderPlaced> context) => payments.ChargeAsync(context.Message, context.CancellationToken);
}
