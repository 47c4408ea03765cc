using MassTransit;
using Messaging.Breaker;
using Microsoft.Extensions.DependencyInjection;
using SampleWorkers.Sharing;
using SampleWorkers.Transport;

namespace SampleWorkers.Shop;

static class ShopRegistration
{
    /// <summary>The whole worker: two dependencies with a breaker each, or one for each region, and two consumers with a queue each.</summary>
    /// <param name="configureBus">The caller's additions to the bus: the drill's names, the demo's count of dead letters.</param>
    public static IServiceCollection AddShop(
        this IServiceCollection services, ShopSettings settings, ILedger ledger, Action<IBusFactoryConfigurator>? configureBus = null)
    {
        services.AddSingleton(ledger);

        services.AddMessagingBreaker(breakers =>
        {
            foreach (var (region, address) in settings.Regions)
                breakers.Add(region, options =>
                {
                    settings.PaymentsBreaker(options, address);
                    if (settings.ByMerchant)
                        options.PartitionBy<OrderPlaced>(order => order.Merchant);
                });
            breakers.Add(Dependencies.Email);
            if (settings.WatchQueues)
                breakers.WatchQueues();
            if (settings.Share is { } store)
                breakers.ShareAt(store, settings);
        });

        // The factory's own loggers write four lines for each call, too many for a worker that handles 500 orders a second.
        foreach (var (region, address) in settings.Regions)
            services.AddHttpClient(region, client => (client.BaseAddress, client.Timeout) = (address, settings.PaymentsTimeout))
                .AddTypedClient<PaymentsClient>()
                .AddBreaker(region)
                .RemoveAllLoggers();
        services.AddHttpClient<MailClient>(client => client.BaseAddress = settings.Mail)
            .AddBreaker(Dependencies.Email)
            .RemoveAllLoggers();

        services.AddMassTransit(bus =>
        {
            var names = new KebabCaseEndpointNameFormatter(settings.QueuePrefix, false);
            bus.SetEndpointNameFormatter(names);
            if (settings.SecondPayments is null)
                bus.AddConsumer<ChargeOrderConsumer>();
            else
                bus.AddConsumer<ChargeOrderInRegionConsumer>().Endpoint(endpoint => endpoint.Name = names.Consumer<ChargeOrderConsumer>());
            bus.AddConsumer<SendReceiptConsumer>();
            bus.AddConfigureEndpointsCallback((_, _, endpoint) => ConfigureQueue(endpoint, settings));
            bus.UseTransport(settings.Broker, (context, transport) =>
            {
                transport.UseShopNames(settings.QueuePrefix);
                transport.UseMessagingBreaker(context); // before the endpoints
                configureBus?.Invoke(transport);
            });
        });

        return services;
    }

    static void ConfigureQueue(IReceiveEndpointConfigurator endpoint, ShopSettings settings)
    {
        endpoint.PrefetchCount = settings.Prefetch;
        if (endpoint is not IRabbitMqReceiveEndpointConfigurator queue)
            return;
        if (settings.SingleActiveConsumer)
            queue.SingleActiveConsumer = true;
        if (settings.QueueType is QueueType.Quorum)
            queue.SetQuorumQueue();
        if (settings.DeliveryLimit is { } limit)
            queue.SetQueueArgument("x-delivery-limit", limit);
    }
}
