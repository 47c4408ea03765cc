using MassTransit;
using Messaging.Breaker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace OrderService.Regions;

static class AlternativesExample
{
    public static void Add(HostApplicationBuilder builder)
    {
        builder.Services.AddMessagingBreaker(breakers => breakers.Add("payments-eu").Add("payments-us"));

        builder.Services.AddHttpClient("payments-eu", client => client.BaseAddress = new Uri("https://eu.payments.example"))
            .AddBreaker("payments-eu");
        builder.Services.AddHttpClient("payments-us", client => client.BaseAddress = new Uri("https://us.payments.example"))
            .AddBreaker("payments-us");
    }

    public static void Guard(IReceiveEndpointConfigurator endpoint) =>
        endpoint.UseAnyBreaker("payments-eu", "payments-us");
}

[GuardedByAny("payments-eu", "payments-us")]
public sealed class ChargeOrderConsumer(IBreakerRegistry breakers, IHttpClientFactory clients) : IConsumer<OrderPlaced>
{
    public async Task Consume(ConsumeContext<OrderPlaced> context)
    {
        var region = breakers.FirstClosed("payments-eu", "payments-us");
        var payments = new PaymentsClient(clients.CreateClient(region.Name));
        await payments.ChargeAsync(context.Message, context.CancellationToken);
    }
}

public interface IGateway
{
    Task ChargeAsync(OrderPlaced order, CancellationToken cancellationToken);
}

public sealed class ChargeByGatewayConsumer(IBreakerRegistry breakers, IReadOnlyDictionary<string, IGateway> gateways) : IConsumer<OrderPlaced>
{
    static readonly string[] Regions = ["payments-eu", "payments-us"];

    public async Task Consume(ConsumeContext<OrderPlaced> context)
    {
        await breakers.ExecuteAsync(
            Regions,
            async (region, token) => await gateways[region.Name].ChargeAsync(context.Message, token),
            context.CancellationToken);
    }
}
